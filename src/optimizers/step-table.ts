import type { Activation, Slabs } from "../core/slabs.ts";
import type { StepScalars } from "../core/step-scalars.ts";
import { show } from "../errors.ts";
import type { Active } from "./active.ts";
import type { Blueprint } from "./blueprint.ts";
import type { ScalarInputs } from "./scalars.ts";
import { NO_OVERFLOWS, type Overflow } from "./step-report.ts";

// Used again for each parameter of each step; nothing reads them afterwards. Numbers that are not
// whole from the start: see Active.
const { NaN: ANY } = Number;
const row: StepScalars = {
  gradScale: ANY,
  beta1: ANY,
  oneMinusBeta1: ANY,
  beta2: ANY,
  oneMinusBeta2: ANY,
  decay: ANY,
  stepSize: ANY,
  epsHat: ANY,
};
const inputs: ScalarInputs = {
  lr: ANY,
  lrScale: ANY,
  initialLr: ANY,
  weightDecay: ANY,
  beta1: ANY,
  beta2: ANY,
  eps: ANY,
  t: 0,
  gradScale: ANY,
};
const how: Activation = { t: 0, amsgrad: false, whole: true, widen: false, zero: false };

/**
 * Writes the scalars of step k for the active parameters.
 *
 * @throws RangeError for scalars that float32 cannot hold
 */
export function fillTable(
  slabs: Slabs,
  { scalars, counting, settings }: Omit<Blueprint, "members">,
  actives: readonly Active[],
  k: number,
): void {
  slabs.chooseNone();
  how.zero = settings.zeroGradients;
  let before: Active | null = null;
  // The table is not state: an error half-way leaves nothing behind that the next step would read.
  for (const active of actives) {
    const { entry, rows, half } = active;
    // Parameters that lie together mostly share a layer and a group, and so their scalars.
    if (before === null || !shareScalars(before, active)) {
      fillInputs(active, counting === "global" ? k + 1 : entry.t + 1);
      checkScalars(scalars(inputs, row), entry.name, k);
    }
    before = active;
    how.t = inputs.t;
    how.amsgrad = entry.paramGroup.amsgrad;
    how.whole = rows === null;
    how.widen = half;
    slabs.activate(entry.index, row, how);
  }
}

function shareScalars(a: Active, b: Active): boolean {
  return (
    a.entry.paramGroup === b.entry.paramGroup &&
    a.entry.lrScale === b.entry.lrScale &&
    a.entry.decays === b.entry.decays &&
    a.entry.t === b.entry.t &&
    a.gradScale === b.gradScale
  );
}

function fillInputs({ entry, rates, gradScale }: Active, t: number): void {
  const { paramGroup } = entry;
  inputs.lr = rates.lr;
  inputs.lrScale = entry.lrScale;
  inputs.initialLr = paramGroup.initialLr;
  inputs.weightDecay = entry.decays ? rates.weightDecay : 0;
  inputs.beta1 = paramGroup.beta1;
  inputs.beta2 = paramGroup.beta2;
  inputs.eps = paramGroup.eps;
  inputs.t = t;
  inputs.gradScale = gradScale;
}

/** Options that are finite in float64 may give scalars that are infinite in float32: lr 1e39. */
export function checkScalars(
  { decay, stepSize, epsHat }: StepScalars,
  name: string,
  k: number,
  kind = "parameter",
): void {
  const finite = Number.isFinite(Math.fround(decay) + Math.fround(stepSize) + Math.fround(epsHat));
  if (finite) return;
  throw new RangeError(
    `"lr, weightDecay and eps" of ${kind} ${show(name)} at step ${k}: expected products that are ` +
      `finite as float32, got decay ${decay}, step size ${stepSize}, eps ${epsHat}`,
  );
}

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
