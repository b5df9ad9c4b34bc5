import { concatenated } from "../reference/byte-ends.ts";
import { headerLength, rawFile } from "../reference/plain-checkpoint.ts";
import type { Idea } from "./idea.ts";
import { VICTIM } from "./victim.ts";

// Lies about lengths, and files that are something else.

const ascii = (text: string) => new TextEncoder().encode(text);
const withLength = (length: bigint) => {
  const bytes = Uint8Array.from(VICTIM);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
};
const header = headerLength(VICTIM);

export const FRAME: readonly Idea[] = [
  {
    name: "empty",
    attempts: "a file without a byte, as a crash leaves",
    reason: "TRUNCATED",
    bytes: new Uint8Array(),
  },
  {
    name: "length-cut",
    attempts: "ends within the header's length",
    reason: "TRUNCATED",
    bytes: VICTIM.slice(0, 7),
  },
  {
    name: "header-cut",
    attempts: "ends one byte before its header does",
    reason: "TRUNCATED",
    bytes: VICTIM.slice(0, 8 + header - 1),
  },
  {
    name: "data-cut",
    attempts: "ends one byte early",
    reason: "TRUNCATED",
    bytes: VICTIM.slice(0, -1),
  },
  {
    name: "length-all-ones",
    attempts: "a header of 2^64 - 1 bytes: an overflow where 8 is added",
    reason: "HEADER_TOO_LONG",
    bytes: withLength(0xffff_ffff_ffff_ffffn),
  },
  {
    name: "length-beyond-double",
    attempts: "a header of 2^53 + 1 bytes, which a double rounds",
    reason: "HEADER_TOO_LONG",
    bytes: withLength(2n ** 53n + 1n),
  },
  {
    name: "length-high-half",
    attempts: "a length that is right in its lower 32 bits",
    reason: "HEADER_TOO_LONG",
    bytes: withLength(2n ** 32n + BigInt(header)),
  },
  {
    name: "length-over-limit",
    attempts: "one byte more than the format's limit",
    reason: "HEADER_TOO_LONG",
    bytes: withLength(100_000_001n),
  },
  {
    name: "length-at-limit",
    attempts: "a header of 100 MB in a file of 1 KB: memory for nothing",
    reason: "TRUNCATED",
    bytes: withLength(100_000_000n),
  },
  {
    name: "length-0",
    attempts: "no header",
    reason: "HEADER_TOO_SHORT",
    bytes: rawFile(""),
  },
  {
    name: "length-1",
    attempts: "a header too short for an object",
    reason: "HEADER_TOO_SHORT",
    bytes: rawFile("{"),
  },
  {
    name: "tail",
    attempts: "bytes after the last tensor: one file that is two (polyglot)",
    reason: "TRAILING_BYTES",
    bytes: concatenated([VICTIM, ascii("PK\x05\x06"), new Uint8Array(18)]),
  },
  {
    name: "zip",
    attempts: "a zip file, as PyTorch writes",
    reason: "HEADER_TOO_LONG",
    bytes: concatenated([ascii("PK\x03\x04"), new Uint8Array(60).fill(1)]),
  },
  {
    name: "array",
    attempts: "a header that is no object",
    reason: "NOT_SAFETENSORS",
    bytes: rawFile("[]      "),
  },
  {
    name: "space-first",
    attempts: "a header that begins with a space",
    reason: "NOT_SAFETENSORS",
    bytes: rawFile(" {}     "),
  },
  {
    name: "byte-order-mark",
    attempts: "a header that begins with a byte order mark, which decoders swallow",
    reason: "NOT_SAFETENSORS",
    bytes: rawFile("\ufeff{}"),
  },
];
