import { type Before, measure } from "../core/measure.ts";
import type { MetricSums } from "../core/metric-sums.ts";
import { scanRows, stepRows } from "../core/row-runs.ts";
import type { Slabs } from "../core/slabs.ts";
import { rowLengthOf } from "../gradients/gradient.ts";
import { gatherRows, scatterRows } from "../gradients/scatter-rows.ts";
import { rowValues } from "../gradients/sparse-rows.ts";
import type { Entry } from "./entry.ts";
import type { GroupRates } from "./group-rates.ts";

/** A parameter's part in the step at hand. There is one for each, used again in every step. */
export class Active {
  readonly entry: Entry;
  /** The rates of its group in the step. */
  readonly rates: GroupRates;
  /** Where only these rows move (a lazy row-sparse gradient); null where the whole parameter does. */
  rows: Uint32Array | null = null;
  /** What its stored sum is yet to be divided by: more than 1 where micro-batches are averaged. */
  microBatches = 1;
  /** Whether its gradient still lies there in 16 bits. */
  half = false;
  /** Whether its gradient was scanned as it was copied in. */
  scanned = false;
  /** What the stored gradient is multiplied by in the update. */
  // Not 0: V8 would take the field for a small integer, and make an object of every number in it.
  gradScale = Number.NaN;
  /** For rows: how many blocks of each part they touch, from the last scan. */
  touched: readonly number[] | undefined;

  constructor(entry: Entry, rates: GroupRates) {
    this.entry = entry;
    this.rates = rates;
  }

  /** Begins a step that it takes part in. */
  begin(rows: Uint32Array | null = null, microBatches = 1): this {
    this.rows = rows;
    this.microBatches = microBatches;
    this.half = false;
    this.scanned = false;
    this.touched = undefined;
    return this;
  }
}

/** Lets the parameters of the step take part in the slabs' next scan. */
export function chooseForScan(slabs: Slabs, actives: readonly Active[]): void {
  slabs.chooseNone();
  for (const { entry, rows, half, scanned } of actives) {
    if (rows === null && !scanned) slabs.choose(entry.index, half);
  }
}

/**
 * Completes a scan: what the slabs have not read is read, and its results are taken.
 *
 * @param largest float64[parameters]: filled with the largest |stored gradient| of each
 */
export function takeScan(slabs: Slabs, actives: readonly Active[], largest: Float64Array): void {
  slabs.readLargest(largest);
  for (const active of actives) {
    // A pass may overwrite the gradient before the next scan.
    active.half = false;
    active.scanned = false;
    if (active.rows) largest[active.entry.index] = scanItsRows(slabs, active, active.rows);
  }
}

function scanItsRows(slabs: Slabs, active: Active, rows: Uint32Array): number {
  const { index, shape } = active.entry;
  const scanned = slabs.partsOf(index).map((part) => scanRows(part, rows, rowLengthOf(shape)));
  active.touched = scanned.map(({ blocks }) => blocks);
  return Math.max(0, ...scanned.map(({ maxAbs }) => maxAbs));
}

/** What is kept of a parameter that the core cannot measure. */
interface KeptParameter extends Before {
  readonly rows: Uint32Array;
  /** float32, for its rows on their way. */
  readonly values: Float32Array;
}

/** What is kept of parameters that the core cannot measure, by entry. */
export type Kept = ReadonlyMap<Entry, KeptParameter>;

/**
 * Room for what a measured step must know from before it: the core measures whole parameters; those
 * that move by rows are measured here.
 *
 * @throws OutOfMemoryError
 */
export function roomForKept(slabs: Slabs, actives: readonly Active[]): Kept {
  const kept = new Map<Entry, KeptParameter>();
  for (const { entry, rows } of actives) {
    if (rows === null) continue;
    const copies = () => slabs.partsOf(entry.index).map(({ segment }) => rowValues(segment.length));
    const values = rowValues(rows.length * rowLengthOf(entry.shape));
    kept.set(entry, { weights: copies(), gradient: copies(), rows, values });
  }
  return kept;
}

/** Takes what a measured step must know. Allocates nothing large. */
export function keepBefore(slabs: Slabs, kept: Kept): void {
  for (const [{ index, shape }, room] of kept) {
    slabs.runsOf(index, "param").forEach(({ values }, part) => {
      room.weights[part].set(values);
    });
    // The stored rows as the dense gradient that they stand for: the rest of the room is zeros.
    const stored = slabs.runsOf(index, "grad");
    const into = stored.map(({ first }, part) => ({ first, values: room.gradient[part] }));
    scatterRows(into, gatherRows(stored, room.rows, rowLengthOf(shape), room.values));
  }
}

/**
 * The sums of each parameter by name, after a measured step.
 *
 * @param kept what keepBefore filled
 */
export function sumsOf(
  slabs: Slabs,
  actives: readonly Active[],
  kept: Kept,
): ReadonlyMap<string, MetricSums> {
  const metrics = new Map<string, MetricSums>();
  for (const { entry } of actives) {
    const before = kept.get(entry);
    const sums = before
      ? measure(slabs, slabs.partsOf(entry.index), before)
      : slabs.metrics(entry.index);
    metrics.set(entry.name, sums);
  }
  return metrics;
}

/** Updates the parameters that move by rows. Their scalars are written before. */
export function stepItsRows(slabs: Slabs, actives: readonly Active[]): void {
  for (const { entry, rows } of actives) {
    if (rows === null) continue;
    for (const part of slabs.partsOf(entry.index)) {
      stepRows(part, rows, rowLengthOf(entry.shape));
    }
  }
}

/** Zeroes the stored gradient of a parameter, also the 16-bit one where gradients come so. */
export function zeroGradient(slabs: Slabs, { index }: Entry, halves: boolean): void {
  for (const { values } of slabs.runsOf(index, "grad")) values.fill(0);
  if (halves) for (const part of slabs.partsOf(index)) slabs.gradient16(part).fill(0);
}
