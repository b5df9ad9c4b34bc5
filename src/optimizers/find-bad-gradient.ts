import type { Slabs } from "../core/slabs.ts";
import { rowLengthOf } from "../gradients/gradient.ts";
import type { Active } from "./active.ts";
import type { BadGradient } from "./step-report.ts";

/** Above it the square of a gradient makes the second moment infinite: the weight never moves. */
export const LARGEST_GRADIENT = 4_294_967_296 * 2_147_483_648; // 2^63

/**
 * The first bad element among the scanned gradients, or null. Looks closer only where one is.
 *
 * @param largest   float64[parameters]: the largest |stored gradient| of each, or a bound of
 *   it, from the last scan
 * @param lossScale what the stored gradients are multiplied by
 */
export function findBadGradient(
  slabs: Slabs,
  actives: readonly Active[],
  largest: Float64Array,
  lossScale: number,
): BadGradient | null {
  for (const { entry, rows, microBatches } of actives) {
    const most = LARGEST_GRADIENT * lossScale * microBatches;
    const maxAbs = largest[entry.index];
    // Written so that NaN counts as bad.
    if (maxAbs <= most && maxAbs < Number.POSITIVE_INFINITY) continue;
    const touched = rows ? new Set(rows) : null;
    const rowLength = rowLengthOf(entry.shape);
    for (const part of slabs.partsOf(entry.index)) {
      const gradient = slabs.floats(part, "grad");
      const { first } = part.segment;
      const at = gradient.findIndex((value, i) => {
        if (Math.abs(value) <= most && Number.isFinite(value)) return false;
        return touched === null || touched.has(Math.floor((first + i) / rowLength));
      });
      if (at < 0) continue;
      const value = gradient[at];
      return { parameter: entry.name, index: first + at, value, kind: kindOf(value) };
    }
  }
  return null;
}

function kindOf(value: number): BadGradient["kind"] {
  if (Number.isNaN(value)) return "nan";
  return Number.isFinite(value) ? "overflow" : "infinite";
}
