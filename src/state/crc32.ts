// CRC-32 as in zlib, gzip and PNG: polynomial 0x04c11db7 with its bits reversed, registers start
// at all ones and are inverted at the end.

/** How many bytes a round takes, each with a table of its own ("slicing"). */
const SLICES = 16;

/** TABLES[256 * k + b]: what byte `b` does to the register k bytes later. */
const TABLES = makeTables();

function makeTables(): Int32Array {
  const tables = new Int32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let register = byte;
    for (let bit = 0; bit < 8; bit++) {
      register = register & 1 ? (register >>> 1) ^ 0xedb88320 : register >>> 1;
    }
    tables[byte] = register;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256];
    tables[i] = (before >>> 8) ^ tables[before & 255];
  }
  return tables;
}

/**
 * CRC-32 of the bytes, unsigned. With the CRC of what came before as `seed`, that of both together:
 * `crc32(b, crc32(a))` is that of a followed by b.
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  const tables = TABLES;
  const { length } = bytes;
  let register = ~seed;
  let i = 0;
  for (const end = length - (length % SLICES); i < end; i += SLICES) {
    register =
      tables[3840 + (bytes[i] ^ (register & 255))] ^
      tables[3584 + (bytes[i + 1] ^ ((register >>> 8) & 255))] ^
      tables[3328 + (bytes[i + 2] ^ ((register >>> 16) & 255))] ^
      tables[3072 + (bytes[i + 3] ^ (register >>> 24))] ^
      tables[2816 + bytes[i + 4]] ^
      tables[2560 + bytes[i + 5]] ^
      tables[2304 + bytes[i + 6]] ^
      tables[2048 + bytes[i + 7]] ^
      tables[1792 + bytes[i + 8]] ^
      tables[1536 + bytes[i + 9]] ^
      tables[1280 + bytes[i + 10]] ^
      tables[1024 + bytes[i + 11]] ^
      tables[768 + bytes[i + 12]] ^
      tables[512 + bytes[i + 13]] ^
      tables[256 + bytes[i + 14]] ^
      tables[bytes[i + 15]];
  }
  for (; i < length; i++) {
    register = (register >>> 8) ^ tables[(register ^ bytes[i]) & 255];
  }
  return ~register >>> 0;
}

/** A CRC as it stands in files: 8 hex digits, in lower case. */
export function hexOfCrc(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}
