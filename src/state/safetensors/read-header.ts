import type { ByteReader } from "../bytes.ts";
import { refusal } from "../checkpoint-error.ts";
import { parseHeader, type SafetensorsHeader } from "./parse-header.ts";
import { readBytes, type SizedReader } from "./read-bytes.ts";

/** The format's limit for the header's text. */
export const MOST_HEADER_BYTES = 100_000_000;
export const LENGTH_BYTES = 8;

/** A header, and its bytes as they stand in the file. */
export interface ReadHeader extends SafetensorsHeader {
  /** The 8 bytes that hold its length. */
  readonly lengthBytes: Uint8Array;
  /** The JSON with its padding. */
  readonly text: Uint8Array;
  /** Where the data section begins in the file. */
  readonly dataBegin: number;
  /** Bytes of the whole file, as the header has it. */
  readonly fileSize: number;
}

const REMEDY = "It is no safetensors file, or it is damaged";

/** Reads a file's header and checks it, and the file's size where that is known. */
export async function readHeader(reader: SizedReader): Promise<ReadHeader> {
  const lengthBytes = await readBytes(reader, LENGTH_BYTES);
  if (lengthBytes.length < LENGTH_BYTES) {
    throw truncated(`at least ${LENGTH_BYTES} bytes`, lengthBytes.length);
  }
  const length = readLength(lengthBytes);
  const dataBegin = LENGTH_BYTES + length;
  if (reader.size !== null && reader.size < dataBegin) {
    throw truncated(`at least ${dataBegin} bytes, its header's end`, reader.size);
  }
  const text = await readBytes(reader, length);
  if (text.length < length) {
    throw truncated(`at least ${dataBegin} bytes, its header's end`, LENGTH_BYTES + text.length);
  }
  const header = parseHeader(text);
  const fileSize = dataBegin + header.dataSize;
  if (reader.size !== null) checkSize(fileSize, reader.size);
  return { ...header, lengthBytes, text, dataBegin, fileSize };
}

function readLength(bytes: Uint8Array<ArrayBuffer>): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint32(4, true) * 0x1_0000_0000 + view.getUint32(0, true);
  if (length > MOST_HEADER_BYTES) {
    const got = `${view.getBigUint64(0, true)}`;
    throw refusal(
      "HEADER_TOO_LONG",
      "header length",
      "the file",
      `at most ${MOST_HEADER_BYTES}`,
      got,
      REMEDY,
    );
  }
  if (length < 2) {
    throw refusal(
      "HEADER_TOO_SHORT",
      "header length",
      "the file",
      "at least 2",
      `${length}`,
      REMEDY,
    );
  }
  return length;
}

/** Throws unless the file has the bytes that its header says. */
export function checkSize(expected: number, got: number): void {
  if (got < expected) throw truncated(`${expected} bytes`, got);
  if (got > expected) {
    throw refusal("TRAILING_BYTES", "size", "the file", `${expected} bytes`, `${got}`);
  }
}

/** Throws if the file has bytes after those that its header says, all of which are read. */
export async function checkEnd(reader: ByteReader, fileSize: number): Promise<void> {
  const more = await reader.read(new Uint8Array(1));
  if (more > 0) checkSize(fileSize, reader.size ?? fileSize + more);
}

function truncated(expected: string, got: number) {
  const remedy = "It ends early: was it copied or downloaded in full?";
  return refusal("TRUNCATED", "size", "the file", expected, `${got}`, remedy);
}
