import { allocate } from "../../errors.ts";
import { refusal } from "../checkpoint-error.ts";
import { METADATA_KEY } from "./parse-header.ts";
import { LENGTH_BYTES, MOST_HEADER_BYTES } from "./read-header.ts";
import type { TensorEntry } from "./tensor.ts";

/**
 * The bytes before the data: the length, metadata, then tensors in the order given, padded with
 * spaces so that data begins at a multiple of 8.
 */
export function encodeHeader(
  metadata: Readonly<Record<string, string>>,
  tensors: readonly TensorEntry[],
): Uint8Array<ArrayBuffer> {
  // Not one JSON.stringify: an object would put names like "0" first, and lose "__proto__".
  const entries = tensors.map(({ name, dtype, shape, begin, end }) => {
    const entry = JSON.stringify({ dtype, shape, data_offsets: [begin, end] });
    return `${JSON.stringify(name)}:${entry}`;
  });
  const members = [`${JSON.stringify(METADATA_KEY)}:${JSON.stringify(metadata)}`, ...entries];
  const text = new TextEncoder().encode(`{${members.join()}}`);
  const length = Math.ceil(text.length / 8) * 8;
  if (length > MOST_HEADER_BYTES) {
    throw refusal(
      "HEADER_TOO_LONG",
      "header length",
      "the file",
      `at most ${MOST_HEADER_BYTES}`,
      `${length}`,
    );
  }
  const size = LENGTH_BYTES + length;
  const bytes = allocate(size, "a file's header", () => new Uint8Array(size)).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, LENGTH_BYTES);
  return bytes;
}
