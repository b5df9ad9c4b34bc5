const CHANGES = 5;
const LONGEST_MS = 20;

/**
 * Smallest step of performance.now() in milliseconds: browsers round it, without isolation more.
 * Of several changes, since a page that is interrupted meanwhile sees a long one.
 */
export function clockTick(): number {
  const start = performance.now();
  let smallest = Number.POSITIVE_INFINITY;
  let last = start;
  for (let changes = 0; changes < CHANGES && last - start < LONGEST_MS; ) {
    const now = performance.now();
    if (now === last) continue;
    smallest = Math.min(smallest, now - last);
    last = now;
    changes++;
  }
  return smallest;
}
