/** The bytes in an array of their own, in memory that is not shared. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  // Not slice(), which for a Buffer of Node is a view.
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}
