import { ipow } from "../numbers/ipow.ts";
import { log } from "../numbers/log.ts";

/** Where step k stands: in which cycle, counted from 0, and how far from 0 to 1 in it. */
export interface Position {
  readonly cycle: number;
  readonly progress: number;
}

/** Cycles of t0, t0 * factor, t0 * factor^2, ... steps, whole or not; factor >= 1. */
export function cyclePosition(k: number, t0: number, factor: number): Position {
  if (factor === 1) {
    const cycle = Math.floor(k / t0);
    return { cycle, progress: (k - cycle * t0) / t0 };
  }
  const startOf = (cycle: number) => (t0 * (ipow(factor, cycle) - 1)) / (factor - 1);
  // The logarithm may be off by one at a cycle's first step; the starts themselves decide.
  let cycle = Math.floor(log(1 + (k * (factor - 1)) / t0) / log(factor));
  while (cycle > 0 && startOf(cycle) > k) cycle--;
  while (startOf(cycle + 1) <= k) cycle++;
  return { cycle, progress: (k - startOf(cycle)) / (t0 * ipow(factor, cycle)) };
}

/** The same where each length is the one before times the factor, cut to a whole number. */
export function wholeCyclePosition(k: number, t0: number, factor: number): Position {
  let cycle = 0;
  let length = t0;
  let start = 0;
  while (start + length <= k) {
    const next = Math.floor(length * factor);
    if (next === length) {
      // It never grows any more: the rest has cycles of one length.
      const rest = cyclePosition(k - start, length, 1);
      return { cycle: cycle + rest.cycle, progress: rest.progress };
    }
    start += length;
    length = next;
    cycle++;
  }
  return { cycle, progress: (k - start) / length };
}
