import { mismatch, show } from "../errors.ts";
import { Accumulation } from "../gradients/accumulate.ts";
import { scatterRows } from "../gradients/scatter-rows.ts";
import { mergeRows } from "../gradients/sparse-rows.ts";
import { widenHalves } from "../gradients/widen-halves.ts";
import type { Entry } from "../optimizers/entry.ts";
import {
  type CheckedGradient,
  type NamedGradient,
  type NamedGradients,
  readGradients,
} from "../optimizers/gradient-input.ts";
import { refuseWaitingSums } from "../optimizers/micro-batches.ts";
import type { Dtype } from "../parameters/parameter.ts";
import type { FullPlanes } from "./full-planes.ts";

/** What this rank brings to a step. */
export interface Brought {
  /** By index of the parameter: 1 where there is a gradient. */
  readonly present: Uint8Array;
  /** That the gradients are the sum of. */
  readonly microBatches: number;
}

/**
 * What is added to the sum of others by a rank that has no gradient: -0 + x is x, whatever x, and 0 + -0
 * is not. So the sum has the bits of one that leaves the rank out.
 */
const NOTHING = -0;

/** This rank's own gradients, in the planes that the ranks' sums are made of. */
export class LocalGradients {
  readonly #entries: readonly Entry[];
  readonly #byName: ReadonlyMap<string, Entry>;
  readonly #dtype: Dtype;
  readonly #planes: FullPlanes;
  readonly #sums = new Accumulation();

  /** @param dtype of gradients that are no float32 */
  constructor(entries: readonly Entry[], dtype: Dtype, planes: FullPlanes) {
    this.#entries = entries;
    this.#byName = new Map(entries.map((entry) => [entry.name, entry]));
    this.#dtype = dtype;
    this.#planes = planes;
  }

  get microBatches(): number {
    return this.#sums.microBatches;
  }

  /**
   * Brings the gradients of a step to their planes: by name, the sums of micro-batches, or what lies
   * there.
   *
   * @throws TypeError, RangeError for bad gradients, AshlarError BUSY while sums wait: before any is
   *   written
   */
  take(input: NamedGradients | undefined): Brought {
    if (input !== undefined) return this.#takeNamed(input);
    const { microBatches } = this.#sums;
    if (microBatches > 0) return this.#takeSums(microBatches);
    return { present: new Uint8Array(this.#entries.length).fill(1), microBatches: 1 };
  }

  /** Adds a micro-batch to the sums. @throws as take */
  accumulate(input: NamedGradients): void {
    const named = readGradients(input, this.#byName, this.#dtype, "accumulate");
    for (const each of named) this.#refuseOwn(each, false);
    this.#sums.add(
      named.map(({ entry, gradient }) => ({
        into: { ...entry, parts: [{ first: 0, values: this.#view(entry) }] },
        gradient: this.#plain(gradient),
      })),
    );
  }

  /** Makes ready what others have a gradient for, and this rank has not. */
  fillAbsent({ present }: Brought, together: Uint8Array): void {
    for (const entry of this.#entries) {
      if (together[entry.index] && !present[entry.index]) this.#view(entry).fill(NOTHING);
    }
  }

  /** Forgets the sums of micro-batches. */
  clear(): void {
    this.#sums.clear();
  }

  #takeNamed(input: NamedGradients): Brought {
    refuseWaitingSums(this.#sums);
    const named = readGradients(input, this.#byName, this.#dtype);
    for (const each of named) this.#refuseOwn(each, true);
    const present = new Uint8Array(this.#entries.length);
    for (const { entry, gradient } of named) {
      present[entry.index] = 1;
      const view = this.#view(entry);
      const plain = this.#plain(gradient);
      if (ArrayBuffer.isView(plain)) {
        view.set(plain);
      } else {
        view.fill(0);
        scatterRows([{ first: 0, values: view }], plain);
      }
    }
    return { present, microBatches: 1 };
  }

  #takeSums(microBatches: number): Brought {
    const present = new Uint8Array(this.#entries.length);
    for (const entry of this.#entries) {
      if (this.#sums.count(entry.name) === 0) continue;
      present[entry.index] = 1;
      const rows = this.#sums.rowsOf(entry.name);
      if (rows === null) continue;
      const values = this.#view(entry);
      values.fill(0);
      scatterRows([{ first: 0, values }], rows);
    }
    return { present, microBatches };
  }

  #plain(gradient: CheckedGradient) {
    if (gradient.kind === "rows") return mergeRows(gradient.rows);
    if (gradient.kind === "half") return widenHalves(gradient.bits, this.#dtype === "bfloat16");
    return gradient.values;
  }

  /** What lies in these planes may be overwritten before its turn. */
  #refuseOwn({ entry, gradient }: NamedGradient, allowsItsView: boolean): void {
    if (gradient.kind !== "dense" || !this.#planes.owns(gradient.values.buffer)) return;
    const { byteOffset, buffer } = gradient.values;
    const view = this.#view(entry);
    if (allowsItsView && buffer === view.buffer && byteOffset === view.byteOffset) return;
    const expected = allowsItsView
      ? "an array of the caller's, or the view of its own"
      : "an array of the caller's";
    throw new RangeError(
      mismatch(
        "gradient",
        `parameter ${show(entry.name)}`,
        expected,
        "memory of the optimizer's",
        "Give a copy",
      ),
    );
  }

  #view({ index, length }: Entry): Float32Array {
    return this.#planes.gradient(index, length);
  }
}
