// Long lists of numbers as base64 of their float64 bytes, little-endian: exact, and a third of what
// their digits would take.

/** Bytes to one call of String.fromCharCode: engines bound the number of arguments. */
const PIECE = 8_192;

export function toBase64(numbers: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(numbers.length * 8));
  numbers.forEach((number, i) => {
    view.setFloat64(i * 8, number, true);
  });
  const bytes = new Uint8Array(view.buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  }
  return btoa(text);
}

/** @throws RangeError for what is no base64 of whole float64 numbers */
export function fromBase64(base64: string): number[] {
  let text: string;
  try {
    text = atob(base64);
  } catch (cause) {
    throw new RangeError("a list of numbers: expected base64, got other characters", { cause });
  }
  if (text.length % 8 !== 0) {
    throw new RangeError(`a list of numbers: expected 8 bytes for each, got ${text.length}`);
  }
  const view = new DataView(new ArrayBuffer(text.length));
  for (let i = 0; i < text.length; i++) view.setUint8(i, text.charCodeAt(i));
  return Array.from({ length: text.length / 8 }, (_, i) => view.getFloat64(i * 8, true));
}
