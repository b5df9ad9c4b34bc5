import { type ParameterGradient, rowLengthOf } from "./gradient.ts";
import { addRows, scatterRows } from "./scatter-rows.ts";
import { addMergedRows, type MergedRows } from "./sparse-rows.ts";

/** One parameter's share of a micro-batch. */
export interface MicroBatchEntry {
  /** Where the sum lies; what it holds before the first micro-batch doesn't matter. */
  readonly into: ParameterGradient;
  /** float32[into.length], or rows. */
  readonly gradient: Float32Array | MergedRows;
}

interface Sum {
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
  #averaged = false;

  /** Micro-batches since the last clear. */
  get microBatches(): number {
    return this.#microBatches;
  }

  /** In how many of them the parameter was. */
  count(name: string): number {
    return this.#sums.get(name)?.count ?? 0;
  }

  /** The sum of a parameter whose gradients were all row-sparse; null where it lies in `into`. */
  rowsOf(name: string): MergedRows | null {
    return this.#sums.get(name)?.rows ?? null;
  }

  /** Adds one micro-batch; the first one after `average` begins new sums. */
  add(microBatch: Iterable<MicroBatchEntry>): void {
    if (this.#averaged) this.clear();
    this.#microBatches++;
    for (const { into, gradient } of microBatch) {
      const sum = this.#sums.get(into.name);
      if (sum) {
        sum.count++;
        sum.rows = addTo(into, sum.rows, gradient);
      } else {
        this.#sums.set(into.name, { count: 1, rows: begin(into, gradient) });
      }
    }
  }

  /**
   * Divides every sum by the number of micro-batches, which makes it the gradient of their mean
   * loss: g = fround(sum / microBatches). A parameter that some of them left out is divided by the
   * same number. Calling it again changes nothing.
   *
   * @param intoOf where the sum of a parameter lies
   */
  average(intoOf: (name: string) => ParameterGradient): void {
    if (this.#averaged) return;
    this.#averaged = true;
    const divide = (values: Float32Array) => {
      for (let i = 0; i < values.length; i++) values[i] /= this.#microBatches;
      return values;
    };
    for (const [name, sum] of this.#sums) {
      if (sum.rows) sum.rows = { rows: sum.rows.rows, values: divide(sum.rows.values.slice()) };
      else for (const { values } of intoOf(name).parts) divide(values);
    }
  }

  /** Forgets all sums. */
  clear(): void {
    this.#sums.clear();
    this.#microBatches = 0;
    this.#averaged = false;
  }
}

// Both give the sum that is row-sparse now, or null where it lies in `into`.

function begin({ parts }: ParameterGradient, gradient: Float32Array | MergedRows) {
  if (!(gradient instanceof Float32Array)) return gradient;
  for (const { first, values } of parts) {
    values.set(gradient.subarray(first, first + values.length));
  }
  return null;
}

function addTo(
  { shape, parts }: ParameterGradient,
  rows: MergedRows | null,
  gradient: Float32Array | MergedRows,
): MergedRows | null {
  if (!(gradient instanceof Float32Array)) {
    if (rows) return addMergedRows(rows, gradient, rowLengthOf(shape));
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
