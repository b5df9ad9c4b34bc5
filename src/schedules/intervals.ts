/** How many of the ascending `bounds` are at most k. */
export function countUpTo(bounds: readonly number[], k: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((bounds[middle] as number) <= k) low = middle + 1;
    else high = middle;
  }
  return low;
}
