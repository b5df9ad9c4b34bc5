import { allocate } from "../../errors.ts";
/** The bytes in an array of their own, in memory that is not shared. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  // Not slice(), which for a Buffer of Node is a view.
  const { length } = bytes;
  const copy = allocate(length, "a part of a file", () => new Uint8Array(length));
  copy.set(bytes);
  return copy;
}
