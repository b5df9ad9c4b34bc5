import type { Active } from "../optimizers/active.ts";
import type { Bound } from "../optimizers/bound.ts";
import type { Machinery } from "../optimizers/machinery.ts";
import type { StepWatcher, WatchedStep } from "../optimizers/stepper.ts";
import { checksums } from "./checksums.ts";
import { configurationOf } from "./configuration.ts";
import type { LedgerSink } from "./ledger-target.ts";
import type { GradientWriter } from "./write-gradients.ts";
import { type Unnumbered, writeLine } from "./write-line.ts";

/** Characters of lines that are written at once. */
const FLUSH_LENGTH = 65_536;

/** Records the steps of one optimizer. Nothing in it throws: `failure` says what went wrong. */
export class Recorder implements StepWatcher {
  readonly #machinery: Machinery;
  readonly #sink: LedgerSink;
  readonly #gradients: GradientWriter | null;
  /** What the optimizer was bound to in the line before. */
  #bound: Bound;
  /** Index of each parameter in the order of the names, by its own. */
  #places: Uint32Array;
  #waiting: string[] = [];
  #length = 0;
  #lines = 0;
  #failure: unknown = null;

  constructor(machinery: Machinery, sink: LedgerSink, gradients: GradientWriter | null) {
    this.#machinery = machinery;
    this.#sink = sink;
    this.#gradients = gradients;
    this.#bound = machinery.bound;
    this.#places = placesOf(machinery.bound);
  }

  /** Lines so far, the header included. */
  get lines(): number {
    return this.#lines;
  }

  /** The first error; null for none. After it nothing is recorded. */
  get failure(): unknown {
    return this.#failure;
  }

  began(ordered: readonly Active[], k: number): void {
    this.#try(() => {
      this.#noteParameters();
      this.#gradients?.write(this.#bound.slabs, ordered, this.#places, k);
    });
  }

  stepped({ report, ordered, checks }: WatchedStep): void {
    this.#try(() => {
      const { step, applied, lr, lossScale, gradNorm, nonFinite } = report;
      const absent = this.#absent(ordered);
      this.#gradients?.keep();
      this.#add({
        kind: "step",
        ...{ step, applied, lr, scale: lossScale, norm: gradNorm, absent },
        nonFinite: nonFinite && {
          parameter: nonFinite.parameter,
          index: nonFinite.index,
          value: String(nonFinite.value),
        },
        gradient: checksums(this.#inOrder(checks.gradient, ordered), absent),
        state: checksums(this.#inOrder(checks.state, ordered), absent),
      });
    });
  }

  /** A record that is no step. */
  add(record: Unnumbered): void {
    this.#try(() => {
      this.#noteParameters();
      this.#add(record);
    });
  }

  /** Hands all lines to the target: after a failure those that came before it. */
  drain(): void {
    try {
      this.#drain();
    } catch (error) {
      this.#failure ??= error;
    }
  }

  #try(act: () => void): void {
    if (this.#failure !== null) return;
    try {
      act();
    } catch (error) {
      this.#failure = error;
    }
  }

  /** Writes what has become of the parameters, if any were added. */
  #noteParameters(): void {
    const { bound } = this.#machinery;
    const isSame = bound.entries === this.#bound.entries;
    // It may lie elsewhere than before all the same.
    this.#bound = bound;
    if (isSame) return;
    this.#places = placesOf(bound);
    this.#add({ kind: "parameters", ...configurationOf(this.#machinery) });
  }

  #add(record: Unnumbered): void {
    const line = `${writeLine(record)}\n`;
    this.#waiting.push(line);
    this.#lines++;
    this.#length += line.length;
    if (this.#length >= FLUSH_LENGTH) this.#drain();
  }

  #drain(): void {
    if (this.#length === 0) return;
    const text = this.#waiting.join("");
    this.#waiting = [];
    this.#length = 0;
    this.#sink.write(text);
  }

  /** Indices in the order of the names of the parameters that took no part. */
  #absent(ordered: readonly Active[]): number[] {
    const { sorted } = this.#bound;
    const absent: number[] = [];
    if (ordered.length === sorted.length) return absent;
    let next = 0;
    for (let place = 0; place < sorted.length; place++) {
      if (ordered[next]?.entry === sorted[place]) next++;
      else absent.push(place);
    }
    return absent;
  }

  /** Checksums by index of the parameter as those by the order of the names. */
  #inOrder(each: BigUint64Array, ordered: readonly Active[]): BigUint64Array {
    const sorted = new BigUint64Array(this.#bound.sorted.length);
    for (const { entry } of ordered) sorted[this.#places[entry.index]] = each[entry.index];
    return sorted;
  }
}

function placesOf({ sorted }: Bound): Uint32Array {
  const places = new Uint32Array(sorted.length);
  sorted.forEach(({ index }, place) => {
    places[index] = place;
  });
  return places;
}
