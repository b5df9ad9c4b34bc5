import { refusal } from "../checkpoint-error.ts";
import { crc32, hexOfCrc } from "../crc32.ts";
import { LENGTH_BYTES, type ReadHeader } from "../safetensors/read-header.ts";
import { DAMAGED, KEYS, NO_CRC, readCrc, required } from "./metadata.ts";

// The header's own CRC covers the 8 bytes of its length and all of its text, in which the CRC's 8
// digits count as zeros.

const encoder = new TextEncoder();
const ZEROS = encoder.encode(NO_CRC);
/** What the digits follow, without space between. Metadata comes first, so that they are found soon. */
const BEFORE = encoder.encode(`"${KEYS.headerCrc}":"`);

/** Writes the CRC into a header (length and text) whose digits are zeros. */
export function stampHeaderCrc(header: Uint8Array): void {
  const text = header.subarray(LENGTH_BYTES);
  text.set(encoder.encode(hexOfCrc(crc32(header))), findDigits(text));
}

/** Throws unless the header has the CRC that it says. */
export function checkHeaderCrc({ metadata, lengthBytes, text }: ReadHeader): void {
  const said = readCrc(required(metadata, KEYS.headerCrc), KEYS.headerCrc);
  const at = findDigits(text);
  if (at < 0) throw wrong(`${KEYS.headerCrc} before the tensors, without spaces`, "it elsewhere");
  const before = crc32(ZEROS, crc32(text.subarray(0, at), crc32(lengthBytes)));
  const crc = crc32(text.subarray(at + ZEROS.length), before);
  if (crc !== said) throw wrong(hexOfCrc(said), hexOfCrc(crc));
}

/** Where the digits begin in the text, or -1. */
function findDigits(text: Uint8Array): number {
  let at = text.indexOf(BEFORE[0]);
  while (at >= 0 && !BEFORE.every((byte, i) => text[at + i] === byte)) {
    at = text.indexOf(BEFORE[0], at + 1);
  }
  return at < 0 ? at : at + BEFORE.length;
}

function wrong(expected: string, got: string) {
  return refusal("WRONG_HEADER_CRC", "CRC-32", "the header", expected, got, DAMAGED);
}
