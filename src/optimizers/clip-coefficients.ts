import type { ClipByGlobalNorm, GlobalNormFormula } from "../gradients/clip.ts";
import { globalNormCoefficient, normCoefficient } from "../gradients/norm-coefficients.ts";
import type { Active } from "./active.ts";

// Norms in float64: block sums one after the other, parameters in the order of their names.

/** Where sums of squares come from: the slabs, or of a sharded optimizer what all ranks found. */
export interface Squares {
  /** See Slabs.addSquares. */
  addSquares(parameter: number, total: Float64Array, touched?: readonly number[]): void;
}

/** A running total, used again. A number that a call returns is an object unless the call is inlined. */
const total = new Float64Array(1);

/** Norm of the stored gradients of some parameters, given in the order of their names. */
export function normOf(squares: Squares, actives: readonly Active[]): number {
  total[0] = 0;
  for (const { entry, touched } of actives) squares.addSquares(entry.index, total, touched);
  return Math.sqrt(total[0]);
}

/**
 * Sets each parameter's gradScale: sign * clip coefficient / loss scale.
 *
 * @param ordered   the parameters of the step, in the order of their names
 * @param scopes    the distinct clipScope of all parameters
 * @param lossScale what the stored gradients are still multiplied by
 * @param formula   for a clip by global norm that names none
 */
export function setGradScales(
  squares: Squares,
  ordered: readonly Active[],
  scopes: readonly object[],
  sign: number,
  lossScale: number,
  formula: GlobalNormFormula,
): void {
  for (const active of ordered) {
    const { clip, index } = active.entry;
    active.gradScale = sign / lossScale;
    if (clip?.kind !== "norm") continue;
    total[0] = 0;
    squares.addSquares(index, total, active.touched);
    const norm = Math.sqrt(total[0]) / lossScale;
    active.gradScale = (sign * normCoefficient(norm, clip)) / lossScale;
  }
  // A group's own clip by global norm counts the group's parameters only.
  for (const scope of scopes) {
    let clip: ClipByGlobalNorm | null = null;
    total[0] = 0;
    for (const { entry, touched } of ordered) {
      if (entry.clipScope !== scope || entry.clip?.kind !== "globalNorm") continue;
      clip = entry.clip;
      squares.addSquares(entry.index, total, touched);
    }
    if (!clip) continue;
    const norm = Math.sqrt(total[0]) / lossScale;
    const gradScale = (sign * globalNormCoefficient(norm, clip, formula)) / lossScale;
    for (const active of ordered) {
      const { entry } = active;
      if (entry.clipScope === scope && entry.clip === clip) active.gradScale = gradScale;
    }
  }
}
