import type { ParameterGradient } from "./gradient.ts";
import { addRows, scatterRows } from "./scatter-rows.ts";
import { addMergedRows, type MergedRows } from "./sparse-rows.ts";

/** One parameter's share of a micro-batch. */
export interface MicroBatchEntry {
  /** Where the sum lies; what it holds before the first micro-batch doesn't matter. */
  readonly into: ParameterGradient;
  /** float32[into.length], or rows. */
  readonly gradient: Float32Array | MergedRows;
}

/** How far the sum of a parameter is. */
export interface Sum {
  /** Micro-batches that had a gradient for it. */
  count: number;
  /** The sum while it is row-sparse; null once it lies in `into`. */
  rows: MergedRows | null;
}

/**
 * Sums of gradients over micro-batches, in float32 and in the order of the calls: the first one is
 * copied, each later one added, each sum rounded once. A parameter that a micro-batch leaves out
 * adds nothing. Row-sparse gradients stay row-sparse until a dense one joins them.
 *
 * It keeps no view of `into`, since a view of memory goes stale when that grows.
 */
export class Accumulation {
  readonly #sums = new Map<string, Sum>();
  #microBatches = 0;

  /** Micro-batches since the last clear. */
  get microBatches(): number {
    return this.#microBatches;
  }

  /** The sums by the names of their parameters. */
  get sums(): ReadonlyMap<string, Readonly<Sum>> {
    return this.#sums;
  }

  /** Goes on from sums that lie where `add` would have put them. */
  restore(microBatches: number, sums: ReadonlyMap<string, Readonly<Sum>>): void {
    this.clear();
    this.#microBatches = microBatches;
    for (const [name, { count, rows }] of sums) this.#sums.set(name, { count, rows });
  }

  /** In how many of them the parameter was. */
  count(name: string): number {
    return this.#sums.get(name)?.count ?? 0;
  }

  /** The sum of a parameter whose gradients were all row-sparse; null where it lies in `into`. */
  rowsOf(name: string): MergedRows | null {
    return this.#sums.get(name)?.rows ?? null;
  }

  /** Adds one micro-batch: all of it, or where memory is refused none. */
  add(microBatch: readonly MicroBatchEntry[]): void {
    // What takes memory, first: sums of rows.
    const merged = microBatch.map(({ into, gradient }) => {
      const rows = isRows(gradient) ? this.rowsOf(into.name) : null;
      return rows === null ? gradient : addMergedRows(rows, gradient as MergedRows);
    });
    this.#microBatches++;
    microBatch.forEach(({ into }, index) => {
      const sum = this.#sums.get(into.name);
      if (sum) {
        sum.count++;
        sum.rows = addTo(into, sum.rows, merged[index]);
      } else {
        this.#sums.set(into.name, { count: 1, rows: begin(into, merged[index]) });
      }
    });
  }

  /** Forgets all sums. */
  clear(): void {
    // Every step clears, and clearing a Map makes a new table.
    if (this.#microBatches === 0) return;
    this.#sums.clear();
    this.#microBatches = 0;
  }
}

// Both give the sum that is row-sparse now, or null where it lies in `into`.

function begin({ parts }: ParameterGradient, gradient: Float32Array | MergedRows) {
  if (isRows(gradient)) return gradient;
  for (const { first, values } of parts) {
    values.set(gradient.subarray(first, first + values.length));
  }
  return null;
}

function addTo(
  { parts }: ParameterGradient,
  rows: MergedRows | null,
  gradient: Float32Array | MergedRows,
): MergedRows | null {
  if (isRows(gradient)) {
    // They are the sum already.
    if (rows) return gradient;
    addRows(parts, gradient);
    return null;
  }
  if (rows) {
    for (const { values } of parts) values.fill(0);
    scatterRows(parts, rows);
  }
  for (const { first, values } of parts) {
    for (let i = 0; i < values.length; i++) values[i] += gradient[first + i];
  }
  return null;
}

/** Not `instanceof`: a gradient may be of another realm. */
function isRows(gradient: Float32Array | MergedRows): gradient is MergedRows {
  return !ArrayBuffer.isView(gradient);
}
