import type { Slabs } from "../core/slabs.ts";
import type { StepScalars } from "../core/step-scalars.ts";
import { show } from "../errors.ts";
import { valueAt } from "../schedules/schedule.ts";
import type { Active } from "./active.ts";
import type { Blueprint } from "./blueprint.ts";
import type { Entry } from "./entry.ts";
import type { ParamGroup } from "./param-group.ts";
import type { ScalarInputs } from "./scalars.ts";
import type { Overflow } from "./step-report.ts";

/** The rates of a group in one step. */
export interface GroupRates {
  readonly lr: number;
  readonly weightDecay: number;
}

/**
 * Asks every group's schedules for step k.
 *
 * @throws TypeError, RangeError for a schedule's bad value
 */
export function ratesAt(
  groups: readonly ParamGroup[],
  k: number,
): ReadonlyMap<ParamGroup, GroupRates> {
  return new Map(
    groups.map((group) => [
      group,
      {
        lr: valueAt(group.lr, k, "lr", group.where),
        weightDecay: valueAt(group.weightDecay, k, "weightDecay", group.where),
      },
    ]),
  );
}

/** Lets the given parameters, and no others, take part in the next scan and step. */
export function chooseActive(
  slabs: Slabs,
  entries: readonly Entry[],
  actives: readonly Active[],
): void {
  if (actives.length < entries.length) {
    for (const { index } of entries) slabs.choose(index, false);
  }
  for (const { entry, rows } of actives) slabs.choose(entry.index, rows === null);
}

/**
 * Writes the scalars of step k for the active parameters.
 *
 * @throws RangeError for scalars that float32 cannot hold
 */
export function fillTable(
  slabs: Slabs,
  { scalars, counting }: Omit<Blueprint, "members">,
  rates: ReadonlyMap<ParamGroup, GroupRates>,
  actives: readonly Active[],
  k: number,
): void {
  const row = {} as StepScalars;
  const inputs = {} as { -readonly [Key in keyof ScalarInputs]: ScalarInputs[Key] };
  // The table is not state: an error half-way leaves nothing behind that the next step would read.
  for (const { entry, rows, gradScale } of actives) {
    const { name, index, paramGroup, lrScale, decays, t } = entry;
    const { lr, weightDecay } = rates.get(paramGroup) as GroupRates;
    inputs.lr = lr;
    inputs.lrScale = lrScale;
    inputs.initialLr = paramGroup.initialLr;
    inputs.weightDecay = decays ? weightDecay : 0;
    inputs.beta1 = paramGroup.beta1;
    inputs.beta2 = paramGroup.beta2;
    inputs.eps = paramGroup.eps;
    inputs.t = counting === "global" ? k + 1 : t + 1;
    inputs.gradScale = gradScale;
    checkScalars(scalars(inputs, row), name, k);
    slabs.activate(index, row, inputs.t, paramGroup.amsgrad, rows === null);
  }
}

/** Options that are finite in float64 may give scalars that are infinite in float32: lr 1e39. */
export function checkScalars(
  { decay, stepSize, epsHat }: StepScalars,
  name: string,
  k: number,
): void {
  const finite = Number.isFinite(Math.fround(decay) + Math.fround(stepSize) + Math.fround(epsHat));
  if (finite) return;
  throw new RangeError(
    `"lr, weightDecay and eps" of parameter ${show(name)} at step ${k}: expected products that are ` +
      `finite as float32, got decay ${decay}, step size ${stepSize}, eps ${epsHat}`,
  );
}

export const NO_OVERFLOWS: readonly Overflow[] = Object.freeze([]);

/** The parameters whose model copy holds infinities after the last step. */
export function findOverflows(slabs: Slabs, actives: readonly Active[]): readonly Overflow[] {
  let overflowed: Overflow[] | null = null;
  for (const {
    entry: { name, index },
  } of actives) {
    const count = slabs.overflowed(index);
    if (count === 0) continue;
    overflowed ??= [];
    overflowed.push({ parameter: name, count });
  }
  return overflowed ?? NO_OVERFLOWS;
}
