const encoder = new TextEncoder();

/**
 * Sorts by the UTF-8 bytes of the names: the order of digests, norms and files. Neither
 * localeCompare (it follows the reader's country) nor `<` (it compares UTF-16) gives it.
 */
export function inNameOrder<Named extends { readonly name: string }>(
  items: readonly Named[],
): Named[] {
  return items
    .map((item) => ({ item, bytes: encoder.encode(item.name) }))
    .sort((a, b) => compareBytes(a.bytes, b.bytes))
    .map(({ item }) => item);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return a.length - b.length;
}
