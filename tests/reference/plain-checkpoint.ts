import { crc32 } from "node:zlib";
import { concatenated } from "./byte-ends.ts";

// Checkpoints written and read as plainly as possible: whole arrays, JSON.parse, zlib's CRC.

export interface PlainTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface PlainFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly PlainTensor[];
}

const SIZES: Readonly<Record<string, number>> = {
  ...{ F4: 0.5, F6_E2M3: 0.75, F6_E3M2: 0.75, BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1 },
  ...{ F8_E8M0: 1, F8_E4M3FNUZ: 1, F8_E5M2FNUZ: 1, I16: 2, U16: 2, F16: 2, BF16: 2 },
  ...{ I32: 4, U32: 4, F32: 4, I64: 8, U64: 8, F64: 8, C64: 8 },
};

export const hexCrc = (bytes: Uint8Array): string => crc32(bytes).toString(16).padStart(8, "0");

/** A file of a header's text and data, whatever they say. */
export function rawFile(
  text: string | Uint8Array,
  data: Uint8Array = new Uint8Array(),
  length?: bigint,
): Uint8Array<ArrayBuffer> {
  const header = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const first = new Uint8Array(8);
  new DataView(first.buffer).setBigUint64(0, length ?? BigInt(header.length), true);
  return concatenated([first, header, data]);
}

/** The text with spaces at its end, up to a multiple of 8 bytes. */
export function padded(text: string): string {
  return text + " ".repeat((8 - (new TextEncoder().encode(text).length % 8)) % 8);
}

/** Tensors in the order of files: large elements first, then by the bytes of the names. */
export function inFileOrder(tensors: readonly PlainTensor[]): PlainTensor[] {
  return [...tensors].sort(
    (a, b) =>
      SIZES[b.dtype] - SIZES[a.dtype] || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );
}

/** The members of a header, each as JSON text: edited one by one to make wrong ones. */
export function headerMembers(
  metadata: Readonly<Record<string, string>>,
  tensors: readonly PlainTensor[],
): string[] {
  let begin = 0;
  const entries = tensors.map(({ name, dtype, shape, bytes }) => {
    const end = begin + bytes.length;
    const entry = JSON.stringify({ dtype, shape, data_offsets: [begin, end] });
    begin = end;
    return `${JSON.stringify(name)}:${entry}`;
  });
  return [`"__metadata__":${JSON.stringify(metadata)}`, ...entries];
}

export function checkpointMetadata(
  state: string,
  tensors: readonly PlainTensor[],
): Record<string, string> {
  const crcs = tensors.map(({ name, bytes }) => `${JSON.stringify(name)}:"${hexCrc(bytes)}"`);
  return {
    format: "ashlar",
    "ashlar.version": "1",
    "ashlar.header_crc32": "00000000",
    "ashlar.tensor_crc32": `{${crcs.join()}}`,
    "ashlar.state": state,
  };
}

/** Any safetensors file. */
export function plainFile(
  tensors: readonly PlainTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const text = padded(`{${headerMembers(metadata, tensors).join()}}`);
  return rawFile(text, concatenated(tensors.map(({ bytes }) => bytes)));
}

/** A checkpoint as src/state/checkpoint-file must write it, to the byte. */
export function plainCheckpoint(
  state: string,
  tensors: readonly PlainTensor[],
): Uint8Array<ArrayBuffer> {
  const sorted = inFileOrder(tensors);
  return withHeaderCrc(plainFile(sorted, checkpointMetadata(state, sorted)));
}

/** The header's length in bytes, as the file says. */
export function headerLength(file: Uint8Array): number {
  return Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
}

export function headerText(file: Uint8Array): string {
  return new TextDecoder().decode(file.subarray(8, 8 + headerLength(file)));
}

export function dataOf(file: Uint8Array): Uint8Array {
  return file.subarray(8 + headerLength(file));
}

/** The file with the header CRC that it should have; as it is where it has no place for one. */
export function withHeaderCrc(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const stamped = Uint8Array.from(file);
  const header = Buffer.from(stamped.buffer, 0, Math.min(8 + headerLength(file), file.length));
  const key = '"ashlar.header_crc32":"';
  const at = header.indexOf(key);
  if (at < 0 || at + key.length + 8 > header.length) return stamped;
  header.write("00000000", at + key.length);
  header.write(hexCrc(header), at + key.length);
  return stamped;
}

/** What a good file holds. Of a bad one: nonsense, or an exception. */
export function readPlain(file: Uint8Array): PlainFile {
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(headerText(file));
  const data = dataOf(file);
  const tensors = Object.keys(entries).map((name) => {
    const { dtype, shape, data_offsets } = entries[name];
    return { name, dtype, shape, bytes: data.slice(...(data_offsets as [number, number])) };
  });
  return { metadata, tensors };
}

/** Throws unless a plain checkpoint's own claims are true: for files that code under test accepted. */
export function checkPlain(file: Uint8Array): void {
  const { metadata, tensors } = readPlain(file);
  const crcs = JSON.parse(metadata["ashlar.tensor_crc32"]);
  let size = 8 + headerLength(file);
  for (const { name, dtype, shape, bytes } of tensors) {
    size += bytes.length;
    const expected = shape.reduce((product, n) => product * n, 1) * SIZES[dtype];
    if (bytes.length !== expected)
      throw new Error(`${name}: ${bytes.length}, not ${expected} bytes`);
    if (hexCrc(bytes) !== crcs[name])
      throw new Error(`${name}: ${hexCrc(bytes)}, not ${crcs[name]}`);
  }
  if (size !== file.length) throw new Error(`${size} bytes indexed, ${file.length} there`);
  if (!Buffer.from(file).equals(withHeaderCrc(file))) throw new Error("another header CRC");
}
