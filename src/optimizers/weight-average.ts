import { allocate, wrongKind, wrongValue } from "../errors.ts";
import { machineryOf, Optimizer } from "./optimizer.ts";
import {
  readAverageOptions,
  type WeightAverageOptions,
  type WeightAverageSettings,
} from "./weight-average-options.ts";
import { readAverageState, type WeightAverageState } from "./weight-average-state.ts";

/**
 * Averages an optimizer's weights while it trains, and merges the average back into it.
 *
 * At every multiple of `interleaveSteps` of the optimizer's steps, its master weights are a sample p.
 * Their average w is, from w = p at the first,
 *
 *     W = W * keep + 1          float64; keep is 1 for "sma", 1 - alpha for "ema"
 *     w = w + (p - w) * (1 / W) float32, each operation rounded once; 1 / W rounded to float32
 *
 * and after `fusedSteps` samples it becomes the optimizer's weights (moments stay as they are), and
 * the next sample begins a new average. With `merge: false` it goes on for ever and the optimizer is
 * only read; with `interleaveSteps: 1` besides, it is the usual exponential moving average.
 *
 * Source: PmaAdamW of MindFormers, and its defaults. The original's "ema" starts from zero and never
 * makes up for it: each merge multiplies the weights by 1 - 0.8^10 = 0.893 with the defaults.
 * Here the start counts for nothing, as if the original's w were divided by 1 - (1 - alpha)^n after n
 * samples; docs/decisions/0005-weight-average.md says why, and why in this form.
 *
 * Memory: 4 bytes an element, outside of the optimizer's own.
 */
export class WeightAverage {
  readonly #optimizer: Optimizer;
  readonly #settings: WeightAverageSettings;
  readonly #average: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
  #samples = 0;
  /** W: what all samples weigh, the newest weighing 1. */
  #weight = 0;
  /** The step of the optimizer that was seen last. */
  #step: number;

  /**
   * Begins with no sample, at the optimizer's present step.
   *
   * @throws TypeError for a wrong kind, RangeError for a wrong value; AshlarError DISPOSED
   */
  constructor(optimizer: Optimizer, options: WeightAverageOptions = {}) {
    if (!(optimizer instanceof Optimizer)) {
      throw wrongKind("optimizer", "WeightAverage", "one of ashlar's optimizers", optimizer);
    }
    this.#settings = readAverageOptions(options);
    this.#optimizer = optimizer;
    this.#average = new Map(
      optimizer.parameterNames.map((name) => {
        const { length } = optimizer.parameter(name);
        return [name, allocate(4 * length, "a weight average", () => new Float32Array(length))];
      }),
    );
    this.#step = optimizer.steps;
  }

  /** Samples in the average: 0 before the first, and after each merge. */
  get samples(): number {
    return this.#samples;
  }

  /**
   * Takes part in the step that was just applied: samples and merges where that is due. Call it after
   * every step; after one that was skipped it does nothing.
   *
   * @returns whether the average was merged: then the optimizer's weights are new
   * @throws RangeError where a sample was missed, because steps were applied without a call; and for
   *   an average that is not finite or does not fit the model copy: the sample counts then, and the
   *   weights are untouched; AshlarError BUSY where a merge is due within a step or a save: call it
   *   again after that
   */
  update(): boolean {
    const { steps } = this.#optimizer;
    const { interleaveSteps, fusedSteps } = this.#settings;
    const due = this.#step - (this.#step % interleaveSteps) + interleaveSteps;
    if (steps > due) {
      const expected = `a call after step ${due}, when a sample was due`;
      throw wrongValue("update", "WeightAverage", expected, steps, "Call it after every step");
    }
    const merges = fusedSteps !== null && this.#samples + 1 >= fusedSteps;
    // Before the sample, so that it is still due once the optimizer is free again.
    if (steps === due && merges) machineryOf(this.#optimizer).begin("setWeights");
    if (steps === due) this.#sample();
    this.#step = steps;
    // Without a new step none is due either.
    if (steps < due || !merges) return false;
    this.#optimizer.setWeights(Object.fromEntries(this.#average));
    this.#samples = 0;
    this.#weight = 0;
    return true;
  }

  /**
   * The averaged weights by name, as copies; null without a sample. The optimizer is not touched:
   * `optimizer.setWeights(average.average())` would do that.
   */
  average(): Record<string, Float32Array<ArrayBuffer>> | null {
    if (this.#samples === 0) return null;
    return Object.fromEntries(
      Array.from(this.#average, ([name, w]) => [
        name,
        allocate(w.byteLength, "a copy of a weight average", () => w.slice()),
      ]),
    );
  }

  /** All that `restore` needs: plain data, and copies of the arrays. */
  state(): WeightAverageState {
    return {
      ...this.#settings,
      step: this.#step,
      samples: this.#samples,
      weight: this.#weight,
      average: this.average(),
    };
  }

  /**
   * Goes on from what `state()` gave, for the same options and parameters. The arrays are copied.
   *
   * @throws TypeError, RangeError for what does not fit, before anything is changed
   */
  restore(state: WeightAverageState): void {
    const read = readAverageState(state, this.#settings, this.#average, this.#optimizer.steps);
    this.#step = read.step;
    this.#samples = read.samples;
    this.#weight = read.weight;
    for (const [name, w] of this.#average) {
      if (read.average !== null) w.set(read.average[name]);
    }
  }

  #sample(): void {
    const { algorithm, alpha } = this.#settings;
    const weight = this.#weight * (algorithm === "ema" ? 1 - alpha : 1) + 1;
    const share = Math.fround(1 / weight);
    for (const [name, w] of this.#average) {
      for (const { first, master } of this.#optimizer.parameter(name).parts) {
        // The first sample is the average, whatever an earlier one left.
        if (this.#samples === 0) w.set(master, first);
        else moveToward(w, first, master, share);
      }
    }
    this.#samples++;
    this.#weight = weight;
  }
}

/** w + (p - w) * share for the elements from `first` on; float32, each operation rounded once. */
function moveToward(w: Float32Array, first: number, p: Float32Array, share: number): void {
  for (let i = 0; i < p.length; i++) {
    const old = w[first + i];
    // The store rounds the sum.
    w[first + i] = old + Math.fround(Math.fround(p[i] - old) * share);
  }
}
