import type { MetricSums, Slabs } from "../core/slabs.ts";
import { AshlarError, show } from "../errors.ts";
import { type Active, keepBefore, scanActive, stepActive, zeroGradient } from "./active.ts";
import type { Blueprint } from "./blueprint.ts";
import { inOrder, normOf, setGradScales } from "./clip-coefficients.ts";
import type { Entry } from "./entry.ts";
import { findBadGradient } from "./find-bad-gradient.ts";
import {
  averageGradients,
  centralizeGradients,
  clipStored,
  needsPass,
  unscaleGradients,
} from "./gradient-passes.ts";
import type { ParamGroup } from "./param-group.ts";
import type { Settings } from "./settings.ts";
import type { BadGradient, StepReport } from "./step-report.ts";
import { chooseActive, fillTable, findOverflows, NO_OVERFLOWS, ratesAt } from "./step-table.ts";

/** What a step works on. */
export interface StepContext {
  readonly slabs: Slabs;
  readonly rule: Omit<Blueprint, "members">;
  readonly groups: readonly ParamGroup[];
  readonly entries: readonly Entry[];
  /** The entries in the order of their names. */
  readonly sorted: readonly Entry[];
  /** Index of the step, from 0. */
  readonly k: number;
}

/** What a step did, and the sums of its parameters by name where it was measured. */
export interface StepResult {
  readonly report: StepReport;
  readonly metrics: ReadonlyMap<string, MetricSums> | null;
}

/**
 * Runs one step over gradients that lie in their planes: look, average, unscale, centralize, clip,
 * update (docs/semantics.md, "The gradient's way"). Counters are the caller's.
 *
 * @param onWrite called just before the first byte of state is written
 * @throws as Optimizer.step
 */
export function runStep(
  context: StepContext,
  actives: readonly Active[],
  measured: boolean,
  onWrite: () => void,
): StepResult {
  const { slabs, rule, entries, sorted, k } = context;
  // Some norm is asked for.
  const normed = slabs.sums;
  const { settings } = rule;
  const rates = ratesAt(context.groups, k);
  const lr = Object.fromEntries(Array.from(rates, ([group, { lr }]) => [group.name, lr]));
  chooseActive(slabs, entries, actives);

  const scale = settings.lossScale?.scale ?? 1;
  const look = settings.nonFinite !== "allow" || settings.lossScale?.kind === "dynamic";
  if (look || normed) scanActive(slabs, actives);
  const nonFinite = look ? findBadGradient(slabs, actives, scale) : null;
  if (nonFinite) {
    refuse(nonFinite, settings, scale);
    settings.lossScale?.update(true);
    const report = { step: k, applied: false, gradNorm: null, lr, nonFinite, lossScale: scale };
    return { report: { ...report, overflowed: NO_OVERFLOWS }, metrics: null };
  }

  // A pass overwrites gradients: whatever else refuses the step does so before, so that it can be
  // tried again with the same ones.
  if (actives.some(isOverwritten)) fillTable(slabs, rule, rates, actives, k);
  const left = passOver(slabs, actives, scale);
  const ordered = normed ? inOrder(sorted, actives) : actives;
  const gradNorm = settings.gradNorm ? normOf(slabs, ordered) / left : null;
  clipStored(slabs, actives);
  setGradScales(slabs, ordered, settings.maximize ? -1 : 1, left, settings.clipFormula);
  fillTable(slabs, rule, rates, actives, k);

  const kept = measured ? keepBefore(slabs, actives, settings.master) : null;
  onWrite();
  const metrics = stepActive(slabs, actives, settings.master, kept);
  const overflowed = settings.model === "float32" ? NO_OVERFLOWS : findOverflows(slabs, actives);
  if (settings.zeroGradients) {
    const halves = settings.gradients !== "float32";
    for (const { entry, rows } of actives) zeroGradient(slabs, entry, rows, halves);
  }
  settings.lossScale?.update(false);
  const report = { step: k + 1, applied: true, gradNorm, lr, nonFinite, lossScale: scale };
  return { report: { ...report, overflowed }, metrics };
}

/** Throws for a bad gradient unless the step is to be skipped. */
function refuse(
  { parameter, index, value }: BadGradient,
  { nonFinite, lossScale }: Settings,
  scale: number,
): void {
  if (nonFinite === "skip" || lossScale?.kind === "dynamic") return;
  const most = scale === 1 ? "2^63" : `2^63 times the loss scale, ${scale}`;
  throw new AshlarError(
    "NON_FINITE",
    `"gradient[${index}]" of parameter ${show(parameter)}: expected a finite number of at most ` +
      `${most}, got ${value}. Nothing was changed; nonFinite: "skip" skips such steps`,
  );
}

/**
 * The passes that write gradients, where any is asked for. Returns what the stored gradients are
 * still multiplied by.
 */
function passOver(slabs: Slabs, actives: readonly Active[], scale: number): number {
  const own = actives.some(needsPass);
  let changed = averageGradients(slabs, actives);
  if (own && scale !== 1) {
    unscaleGradients(slabs, actives, scale);
    changed = true;
  }
  if (own) changed = centralizeGradients(slabs, actives) || changed;
  if (slabs.sums && changed) scanActive(slabs, actives);
  return own ? 1 : scale;
}

const isOverwritten = (active: Active) => active.microBatches > 1 || needsPass(active);
