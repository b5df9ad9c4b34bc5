import type { Slabs } from "../core/slabs.ts";
import type { StepScalars } from "../core/step-scalars.ts";
import { show } from "../errors.ts";
import { valueAt } from "../schedules/schedule.ts";
import type { Blueprint } from "./blueprint.ts";
import type { Entry } from "./entry.ts";
import type { ParamGroup } from "./param-group.ts";
import type { Overflow } from "./step-report.ts";

/**
 * Writes the scalars of step k for the active parameters and leaves the others out.
 * Returns the groups' learning rates. Every schedule is asked before anything is written.
 *
 * @throws TypeError, RangeError for a schedule's bad value
 */
export function fillTable(
  slabs: Slabs,
  { settings, scalars }: Pick<Blueprint, "settings" | "scalars">,
  groups: readonly ParamGroup[],
  entries: readonly Entry[],
  active: readonly Entry[],
  k: number,
): Record<string, number> {
  const rates = new Map(
    groups.map((group) => [
      group,
      {
        lr: valueAt(group.lr, k, "lr", group.where),
        weightDecay: valueAt(group.weightDecay, k, "weightDecay", group.where),
      },
    ]),
  );
  if (active.length < entries.length) {
    for (const { index } of entries) slabs.deactivate(index);
  }
  const gradScale = settings.maximize ? -1 : 1;
  const row = {} as StepScalars;
  for (const { name, index, paramGroup, lrScale, decays, t } of active) {
    const { beta1, beta2, eps, amsgrad } = paramGroup;
    const { lr, weightDecay } = rates.get(paramGroup) as { lr: number; weightDecay: number };
    const inputs = {
      lr: lr * lrScale,
      weightDecay: decays ? weightDecay : 0,
      beta1,
      beta2,
      eps,
      t: t + 1,
      gradScale,
    };
    checkScalars(scalars(inputs, row), name, k);
    slabs.activate(index, row, t + 1, amsgrad);
  }
  return Object.fromEntries(Array.from(rates, ([group, { lr }]) => [group.name, lr]));
}

/** Options that are finite in float64 may give scalars that are infinite in float32: lr 1e39. */
function checkScalars({ decay, stepSize, epsHat }: StepScalars, name: string, k: number): void {
  const finite = Number.isFinite(Math.fround(decay) + Math.fround(stepSize) + Math.fround(epsHat));
  if (finite) return;
  throw new RangeError(
    `"lr, weightDecay and eps" of parameter ${show(name)} at step ${k}: expected products that are ` +
      `finite as float32, got decay ${decay}, step size ${stepSize}, eps ${epsHat}`,
  );
}

/** Root of all block sums, one after the other, parameters in the order of their names. */
export function globalNorm(
  slabs: Slabs,
  sorted: readonly Entry[],
  active: readonly Entry[],
): number {
  const taking = new Set(active);
  let total = 0;
  for (const entry of sorted) {
    if (taking.has(entry)) total = slabs.addSquares(entry.index, total);
  }
  return Math.sqrt(total);
}

export const NO_OVERFLOWS: readonly Overflow[] = Object.freeze([]);

/** The parameters whose model copy holds infinities after the last step. */
export function findOverflows(slabs: Slabs, active: readonly Entry[]): readonly Overflow[] {
  let overflowed: Overflow[] | null = null;
  for (const { name, index } of active) {
    const count = slabs.overflowed(index);
    if (count === 0) continue;
    overflowed ??= [];
    overflowed.push({ parameter: name, count });
  }
  return overflowed ?? NO_OVERFLOWS;
}
