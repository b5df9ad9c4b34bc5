import type { Checksums } from "./format.ts";

// Checksums in a ledger: docs/ledger.md, "Checksums".

/**
 * The total of checksums, 16 hex digits: a fold over those that took part, in the order of the names.
 * Each round is a bijection of its two registers, so that another checksum of one parameter always
 * makes another total.
 *
 * @param each   uint64[parameters]
 * @param absent ascending indices of those that took no part
 */
export function foldChecksums(each: BigUint64Array, absent: readonly number[] = []): string {
  // BigInts would be objects: this runs in every step.
  const words = new Uint32Array(each.buffer, each.byteOffset, 2 * each.length);
  let low = 0x9e3779b9;
  let high = 0x7f4a7c15;
  let next = 0;
  for (let index = 0; index < each.length; index++) {
    if (absent[next] === index) {
      next++;
      continue;
    }
    low = Math.imul(low ^ index ^ words[2 * index], 0x85ebca6b);
    high = Math.imul(high ^ words[2 * index + 1], 0xc2b2ae35);
    low = (low + ((high << 15) | (high >>> 17))) | 0;
    high ^= (low << 13) | (low >>> 19);
  }
  return hexOf(high) + hexOf(low);
}

const hexOf = (word: number) => (word >>> 0).toString(16).padStart(8, "0");

/** Checksums with their total. */
export function checksums(each: BigUint64Array, absent: readonly number[] = []): Checksums {
  return { total: foldChecksums(each, absent), each };
}

/** Codes of the 64 digits. */
const DIGITS = new TextEncoder().encode(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
);
const PADDING = 0x3d;
const decoder = new TextDecoder();

/** Base64 of uint64s, little-endian. By hand: btoa needs a string first, which takes ten times as long. */
export function encodeChecksums(each: BigUint64Array): string {
  const bytes = new Uint8Array(each.buffer, each.byteOffset, each.byteLength);
  const { length } = bytes;
  const text = new Uint8Array(4 * Math.ceil(length / 3));
  let at = 0;
  for (let i = 0; i < length; i += 3) {
    // Past the end are zeros.
    const three = (bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2];
    text[at++] = DIGITS[three >> 18];
    text[at++] = DIGITS[(three >> 12) & 63];
    text[at++] = DIGITS[(three >> 6) & 63];
    text[at++] = DIGITS[three & 63];
  }
  const missing = (3 - (length % 3)) % 3;
  text.fill(PADDING, text.length - missing);
  return decoder.decode(text);
}

/** What encodeChecksums made; null for any other text, or another count. */
export function decodeChecksums(text: string, count: number): BigUint64Array | null {
  if (text.length !== 4 * Math.ceil((8 * count) / 3)) return null;
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return null;
  }
  if (binary.length !== 8 * count) return null;
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  const each = new BigUint64Array(bytes.buffer);
  // atob is lenient about spaces and stray bits.
  return encodeChecksums(each) === text ? each : null;
}
