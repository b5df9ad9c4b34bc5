import type { MetricSums } from "../core/metric-sums.ts";
import type { Slabs } from "../core/slabs.ts";
import { AshlarError, allocate, show } from "../errors.ts";
import {
  Active,
  chooseForScan,
  type Kept,
  keepBefore,
  roomForKept,
  stepItsRows,
  sumsOf,
  takeScan,
} from "./active.ts";
import type { Blueprint } from "./blueprint.ts";
import { normOf, type Squares, setGradScales } from "./clip-coefficients.ts";
import type { Entry } from "./entry.ts";
import { findBadGradient } from "./find-bad-gradient.ts";
import {
  averageGradients,
  centralizeGradients,
  clipStored,
  needsPass,
  type RowScratch,
  rowScratch,
  unscaleGradients,
} from "./gradient-passes.ts";
import { GroupRates } from "./group-rates.ts";
import type { ParamGroup } from "./param-group.ts";
import type { Settings } from "./settings.ts";
import { StepChecks } from "./step-checks.ts";
import { type BadGradient, beginReport, type FilledReport } from "./step-report.ts";
import { fillTable, findOverflows } from "./step-table.ts";

/** What steps work on. One for an optimizer: a step allocates nothing that it need not. */
export interface StepContext {
  readonly slabs: Slabs;
  readonly rule: Omit<Blueprint, "members">;
  readonly rates: readonly GroupRates[];
  /** The parameters that take part, in their order and in the order of their names. */
  actives: readonly Active[];
  ordered: readonly Active[];
  /** The distinct scopes of clips by global norm. */
  readonly clipScopes: readonly object[];
  /** float64[parameters]: largest |stored gradient| of each, from the last scan. */
  readonly largest: Float64Array;
  /** Index of the step, from 0. */
  k: number;
  /** Whether the step is to be measured. */
  measured: boolean;
  /** What a measured step must know from before it. */
  kept: Kept | null;
  /** Whether the step may have written what another try of it would need as it was. */
  wrote: boolean;
  /** The sums of the parameters by name, where the step was measured. */
  metrics: ReadonlyMap<string, MetricSums> | null;
  readonly checks: StepChecks;
}

/**
 * What the steps of an optimizer work on: at first all of its parameters.
 *
 * @param sorted the same as entries, in the order of the names
 * @throws OutOfMemoryError
 */
export function makeContext(
  slabs: Slabs,
  rule: Omit<Blueprint, "members">,
  groups: readonly ParamGroup[],
  entries: readonly Entry[],
  sorted: readonly Entry[],
): StepContext {
  const rates = new Map(groups.map((group) => [group, new GroupRates(group)]));
  const all = entries.map((entry) => new Active(entry, rates.get(entry.paramGroup) as GroupRates));
  const count = entries.length;
  return {
    slabs,
    rule,
    rates: [...rates.values()],
    clipScopes: [...new Set(entries.map(({ clipScope }) => clipScope))],
    actives: all,
    ordered: sorted.map(({ index }) => all[index]),
    largest: allocate(8 * count, "a step's records", () => new Float64Array(count)),
    k: 0,
    measured: false,
    kept: null,
    wrote: false,
    metrics: null,
    checks: new StepChecks(slabs, count),
  };
}

/** Whether steps read all gradients before they write anything. */
export function looks({ nonFinite, lossScale }: Settings): boolean {
  return nonFinite !== "allow" || lossScale?.kind === "dynamic";
}

/**
 * Runs one step over gradients that lie in their planes: look, average, unscale, centralize,
 * clip, update (docs/semantics.md, "The gradient's way"). Counters are the caller's.
 *
 * @throws as Optimizer.step
 */
export function runStep(context: StepContext, report: FilledReport): void {
  const { slabs } = context;
  if (begin(context)) slabs.scan();
  if (!prepare(context, report)) return;
  if (context.kept) slabs.stepMeasured();
  else slabs.step();
  finishStep(context, report);
}

/** As runStep, without holding up the event loop for what other threads are at. */
export async function runStepAsync(context: StepContext, report: FilledReport): Promise<void> {
  const { slabs } = context;
  if (begin(context)) await slabs.scanAsync();
  if (!prepare(context, report)) return;
  await slabs.stepAsync(context.kept !== null);
  finishStep(context, report);
}

/** Asks the schedules. Returns whether the slabs are to be scanned. */
function begin(context: StepContext): boolean {
  const { slabs, rule, rates, actives, k } = context;
  context.wrote = false;
  context.metrics = null;
  context.kept = null;
  context.checks.begin(k);
  for (const of of rates) of.read(k);
  if (!looks(rule.settings) && !slabs.sums) return false;
  chooseForScan(slabs, actives);
  return true;
}

/**
 * After the scan: judges the gradients, passes over them and writes the scalars. Returns whether
 * the update may begin; where it may not, the report says why.
 */
function prepare(context: StepContext, report: FilledReport): boolean {
  const { slabs, rule, actives, largest, k } = context;
  const { settings } = rule;
  const scale = settings.lossScale?.scale ?? 1;
  const look = looks(settings);
  if (look || slabs.sums) takeScan(slabs, actives, largest);
  const nonFinite = look ? findBadGradient(slabs, actives, largest, scale) : null;
  if (!judge(context, report, nonFinite)) {
    if (context.checks.asked) context.checks.takeSkipped(actives);
    return false;
  }

  // A pass overwrites gradients: whatever else refuses the step does so before, so that it can be
  // tried again with the same ones.
  const kept = context.measured ? roomForKept(slabs, actives) : null;
  const scratch = actives.some(isOverwritten) ? rowScratch(actives) : null;
  if (scratch) fillTable(slabs, rule, actives, k);
  context.wrote = scratch !== null;
  const left = scratch ? passOver(context, scale, scratch) : scale;
  if (scratch) clipStored(slabs, actives, scratch);
  fillScalars(context, report, slabs, left);
  if (kept) keepBefore(slabs, kept);
  context.kept = kept;
  context.wrote = true;
  return true;
}

/**
 * Begins the report. Returns whether the gradients allow the step.
 *
 * @throws AshlarError NON_FINITE, unless such a step is to be skipped
 */
export function judge(
  { rule: { settings }, rates, k }: StepContext,
  report: FilledReport,
  nonFinite: BadGradient | null,
): boolean {
  const scale = settings.lossScale?.scale ?? 1;
  beginReport(report, k, rates, scale, nonFinite);
  if (!nonFinite) return true;
  refuse(nonFinite, settings, scale);
  settings.lossScale?.update(true);
  return false;
}

/**
 * Reports the norm, clips by norms and writes the scalars of the update.
 *
 * @param left what the stored gradients are still multiplied by
 */
export function fillScalars(
  { slabs, rule, actives, ordered, clipScopes, k }: StepContext,
  report: FilledReport,
  squares: Squares,
  left: number,
): void {
  const { gradNorm, maximize, clipFormula } = rule.settings;
  if (gradNorm) report.gradNorm = normOf(squares, ordered) / left;
  setGradScales(squares, ordered, clipScopes, maximize ? -1 : 1, left, clipFormula);
  fillTable(slabs, rule, actives, k);
}

/** After the update of whole parameters: that of rows, and the results. */
export function finishStep(context: StepContext, report: FilledReport): void {
  const { slabs, rule, actives, kept, checks, k } = context;
  const { settings } = rule;
  if (checks.asked) checks.beforeRows(actives);
  stepItsRows(slabs, actives);
  if (checks.asked) checks.take(actives);
  if (kept) context.metrics = sumsOf(slabs, actives, kept);
  if (settings.model !== "float32") report.overflowed = findOverflows(slabs, actives);
  settings.lossScale?.update(false);
  report.step = k + 1;
  report.applied = true;
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
export function passOver(
  { slabs, actives, largest }: StepContext,
  scale: number,
  scratch: RowScratch,
): number {
  widenHalves(slabs, actives);
  const own = actives.some(needsPass);
  let changed = averageGradients(slabs, actives, scratch);
  if (own && scale !== 1) {
    unscaleGradients(slabs, actives, scale, scratch);
    changed = true;
  }
  if (own) changed = centralizeGradients(slabs, actives, scratch) || changed;
  if (slabs.sums && changed) {
    chooseForScan(slabs, actives);
    slabs.scan();
    takeScan(slabs, actives, largest);
  }
  return own ? 1 : scale;
}

/** Passes read float32: what no scan has widened is widened now. */
function widenHalves(slabs: Slabs, actives: readonly Active[]): void {
  for (const active of actives) {
    if (!active.half) continue;
    for (const part of slabs.partsOf(active.entry.index)) slabs.widenGradient(part);
    active.half = false;
  }
}

const isOverwritten = (active: Active) => active.microBatches > 1 || needsPass(active);
