import { type Before, measure } from "../core/measure.ts";
import { scanRows, stepRows } from "../core/row-runs.ts";
import type { MetricSums, Part, Slabs } from "../core/slabs.ts";
import { rowLengthOf } from "../gradients/gradient.ts";
import { clearRows, scatterRows } from "../gradients/scatter-rows.ts";
import type { MergedRows } from "../gradients/sparse-rows.ts";
import type { Entry } from "./entry.ts";

/** A parameter that takes part in a step. */
export interface Active {
  readonly entry: Entry;
  /** Where only these rows move (a lazy row-sparse gradient); null where the whole parameter does. */
  readonly rows: MergedRows | null;
  /** What its stored sum is yet to be divided by: more than 1 where micro-batches are averaged. */
  readonly microBatches: number;
  /** What the stored gradient is multiplied by in the update. */
  gradScale: number;
  /** Largest |stored gradient|, from the last scan. */
  maxAbs: number;
  /** For rows: how many blocks of each part they touch, from the last scan. */
  touched: readonly number[] | undefined;
}

export function makeActive(entry: Entry, rows: MergedRows | null, microBatches = 1): Active {
  return { entry, rows, microBatches, gradScale: 1, maxAbs: 0, touched: undefined };
}

/** Reads all gradients of the step: largest magnitudes and, where asked for, sums of squares. */
export function scanActive(slabs: Slabs, actives: readonly Active[]): void {
  slabs.scan();
  for (const active of actives) {
    const { entry, rows } = active;
    if (rows === null) {
      active.maxAbs = slabs.maxAbsGrad(entry.index);
      continue;
    }
    const parts = slabs.partsOf(entry.index);
    const scanned = parts.map((part) => scanRows(part, rows.rows, rowLengthOf(entry.shape)));
    active.touched = scanned.map(({ blocks }) => blocks);
    active.maxAbs = Math.max(0, ...scanned.map(({ maxAbs }) => maxAbs));
  }
}

/** What is kept of parameters that the core cannot measure, by entry. */
export type Kept = ReadonlyMap<Entry, Before>;

/**
 * Takes what a measured step must know from before it. The core measures whole parameters; those
 * that move by rows, or that have no masters and so end up where their model copy is, are measured
 * here.
 */
export function keepBefore(slabs: Slabs, actives: readonly Active[], master: boolean): Kept {
  const kept = new Map<Entry, Before>();
  for (const { entry, rows } of actives) {
    if (master && rows === null) continue;
    const parts = slabs.partsOf(entry.index);
    const whole = () => parts.map((part) => slabs.floats(part, "grad"));
    kept.set(entry, {
      weights: parts.map((part) => slabs.floats(part, "param").slice()),
      gradient: rows ? densely(parts, rows) : whole(),
    });
  }
  return kept;
}

/**
 * Updates all parameters of the step. Their scalars are written before. Returns their sums by name
 * where the step is measured.
 *
 * @param master false where the float32 weights are what the model copy says
 * @param kept   what keepBefore gave; null where the step is not measured
 */
export function stepActive(
  slabs: Slabs,
  actives: readonly Active[],
  master: boolean,
  kept: Kept | null,
): ReadonlyMap<string, MetricSums> | null {
  const metrics = kept && new Map<string, MetricSums>();
  if (metrics) slabs.stepMeasured();
  else slabs.step();
  for (const { entry, rows } of actives) {
    const parts = slabs.partsOf(entry.index);
    if (rows) for (const part of parts) stepRows(part, rows.rows, rowLengthOf(entry.shape));
    if (!master) for (const part of parts) slabs.widenModel(part);
    if (!metrics) continue;
    const before = kept.get(entry);
    const sums = before ? measure(slabs, parts, before) : slabs.metrics(entry.index);
    metrics.set(entry.name, sums);
  }
  return metrics;
}

/** Zeroes the stored gradient of a parameter; of a lazy row-sparse one, its rows alone. */
export function zeroGradient(
  slabs: Slabs,
  { index }: Entry,
  rows: MergedRows | null,
  halves: boolean,
): void {
  const into = slabs.runsOf(index, "grad");
  if (rows) clearRows(into, rows);
  else for (const { values } of into) values.fill(0);
  if (halves) for (const part of slabs.partsOf(index)) slabs.gradient16(part).fill(0);
}

/** Rows as the dense gradient that they stand for, part by part. */
function densely(parts: readonly Part[], rows: MergedRows): Float32Array[] {
  const into = parts.map(({ segment: { first, length } }) => ({
    first,
    values: new Float32Array(length),
  }));
  scatterRows(into, rows);
  return into.map(({ values }) => values);
}
