import type { Slabs } from "../core/slabs.ts";
import type { Entry } from "./entry.ts";
import type { BadGradient } from "./step-report.ts";

/** Above it the square of a gradient makes the second moment infinite: the weight never moves. */
export const LARGEST_GRADIENT = 4_294_967_296 * 2_147_483_648; // 2^63

/** The first bad element among the scanned gradients, or null. Looks closer only where one is. */
export function findBadGradient(slabs: Slabs, active: readonly Entry[]): BadGradient | null {
  for (const entry of active) {
    // Written so that NaN counts as bad.
    if (slabs.maxAbsGrad(entry.index) <= LARGEST_GRADIENT) continue;
    for (const part of slabs.partsOf(entry.index)) {
      const gradient = slabs.floats(part, "grad");
      const at = gradient.findIndex((value) => !(Math.abs(value) <= LARGEST_GRADIENT));
      if (at < 0) continue;
      const value = gradient[at];
      return {
        parameter: entry.name,
        index: part.segment.first + at,
        value,
        kind: kindOf(value),
      };
    }
  }
  return null;
}

function kindOf(value: number): BadGradient["kind"] {
  if (Number.isNaN(value)) return "nan";
  return Number.isFinite(value) ? "overflow" : "infinite";
}
