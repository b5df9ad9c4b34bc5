import type { Slabs } from "../core/slabs.ts";
import type { GlobalNormFormula } from "../gradients/clip.ts";
import { globalNormCoefficient, normCoefficient } from "../gradients/norm-coefficients.ts";
import type { Active } from "./active.ts";
import type { Entry } from "./entry.ts";

// Norms in float64: block sums one after the other, parameters in the order of their names.

/** The parameters of a step in the order of their names. */
export function inOrder(sorted: readonly Entry[], actives: readonly Active[]): readonly Active[] {
  const byEntry = new Map(actives.map((active) => [active.entry, active]));
  return sorted.flatMap((entry) => byEntry.get(entry) ?? []);
}

/** Norm of the stored gradients of some parameters, given in the order of their names. */
export function normOf(slabs: Slabs, actives: readonly Active[]): number {
  let total = 0;
  for (const { entry, touched } of actives) total = slabs.addSquares(entry.index, total, touched);
  return Math.sqrt(total);
}

/**
 * Sets each parameter's gradScale: sign * clip coefficient / loss scale.
 *
 * @param ordered   the parameters of the step, in the order of their names
 * @param lossScale what the stored gradients are still multiplied by
 * @param formula   for a clip by global norm that names none
 */
export function setGradScales(
  slabs: Slabs,
  ordered: readonly Active[],
  sign: number,
  lossScale: number,
  formula: GlobalNormFormula,
): void {
  // A group's clip by global norm counts the group's parameters only.
  const together = new Map<object, Active[]>();
  for (const active of ordered) {
    const { clip, clipScope } = active.entry;
    active.gradScale = sign / lossScale;
    if (clip?.kind === "norm") {
      const coefficient = normCoefficient(normOf(slabs, [active]) / lossScale, clip);
      active.gradScale = (sign * coefficient) / lossScale;
    } else if (clip?.kind === "globalNorm") {
      const members = together.get(clipScope);
      if (members) members.push(active);
      else together.set(clipScope, [active]);
    }
  }
  for (const members of together.values()) {
    const { clip } = members[0].entry;
    if (clip?.kind !== "globalNorm") continue;
    const coefficient = globalNormCoefficient(normOf(slabs, members) / lossScale, clip, formula);
    for (const active of members) active.gradScale = (sign * coefficient) / lossScale;
  }
}
