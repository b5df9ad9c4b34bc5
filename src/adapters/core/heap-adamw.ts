import {
  FLAG_AMSGRAD,
  FLAG_FLUSH,
  FLUSH_PERIOD,
  SCRATCH_BYTES,
  SEG_BYTES,
  SEG_EXP_AVG,
  SEG_EXP_AVG_SQ,
  SEG_FLAGS,
  SEG_GRAD,
  SEG_LENGTH,
  SEG_MAX_ABS_GRAD,
  SEG_MAX_EXP_AVG_SQ,
  SEG_MODEL,
  SEG_OVERFLOWED,
  SEG_PARAM,
} from "../../../assembly/layout.ts";
import type { Kernel, LinearMemory } from "../../core/kernel.ts";
import type { SlabMemory } from "../../core/memory.ts";
import { writeScalars } from "../../core/write-scalars.ts";
import { AshlarError, show, wrongKind, wrongValue } from "../../errors.ts";
import { LARGEST_GRADIENT } from "../../optimizers/find-bad-gradient.ts";
import { type ScalarInputs, stepScalars } from "../../optimizers/scalars.ts";
import { checkScalars } from "../../optimizers/step-table.ts";
import { valueAt } from "../../schedules/schedule.ts";
import { wholeNumberBetween } from "../../validate.ts";
import { heapOf, kernelOver } from "./heap-memory.ts";
import {
  type HeapAdamWOptions,
  type HeapSettings,
  readHeapOptions,
  WHERE,
} from "./heap-options.ts";
import { checkTensors, type HeapTensor, readTensors } from "./heap-tensor.ts";

/** Their table fills a memory of 4 GiB. */
const MOST_TENSORS = Math.floor((4_294_967_296 - SCRATCH_BYTES) / SEG_BYTES);
const word = (offset: number) => offset / 4;

const NO_INPUTS: ScalarInputs = {
  ...{ lr: 0, lrScale: 1, initialLr: 0, weightDecay: 0, beta1: 0.5, beta2: 0.5, eps: 1, t: 1 },
  gradScale: 1,
};
const NO_SCALARS = {
  ...{ gradScale: 0, beta1: 0, oneMinusBeta1: 0, beta2: 0, oneMinusBeta2: 0 },
  ...{ decay: 0, stepSize: 0, epsHat: 0 },
};

/**
 * AdamW over tensors that lie in a memory of the caller's: they are stepped where they are. The bits
 * are those of AdamW. A step makes no object and copies nothing.
 *
 * The moments are the caller's too: zero them before the first step, and save them with the weights
 * and `steps`.
 */
export class HeapAdamW {
  #steps = 0;
  #running = false;
  readonly #memory: SlabMemory;
  readonly #kernel: Kernel;
  readonly #at: number;
  readonly #tensors: readonly HeapTensor[];
  readonly #settings: HeapSettings;
  readonly #inputs: ScalarInputs;
  readonly #scalars = stepScalars({ ...NO_INPUTS }, { ...NO_SCALARS });
  #words: Uint32Array;
  #floats: Float32Array;

  /**
   * Bytes that an optimizer of so many tensors needs at `at`.
   *
   * @throws TypeError, RangeError for what is no count
   */
  static bytesFor(count: number): number {
    wholeNumberBetween(count, 0, MOST_TENSORS, "count", "bytesFor");
    return SCRATCH_BYTES + count * SEG_BYTES;
  }

  /**
   * Needs the core to be compiled: await `ready()` first where the engine does not compile
   * synchronously.
   *
   * @param memory  a WebAssembly.Memory that is not shared
   * @param tensors where they lie; apart from each other, and each address aligned
   * @throws TypeError for another memory; TypeError, RangeError for options, and for tensors outside of the memory or on top of each
   *   other, naming them; AshlarError NOT_READY
   */
  constructor(memory: LinearMemory, tensors: readonly HeapTensor[], options: HeapAdamWOptions) {
    const heap = heapOf(memory);
    this.#settings = readHeapOptions(options);
    const { at: begin, beta1, beta2, eps, model16 } = this.#settings;
    const list = readTensors(tensors);
    const table = { begin, end: begin + HeapAdamW.bytesFor(list.length) };
    this.#tensors = checkTensors(list, model16, table, heap.byteLength);
    this.#inputs = { ...NO_INPUTS, beta1, beta2, eps };
    this.#memory = heap;
    this.#at = begin;
    this.#kernel = kernelOver(memory);
    [this.#words, this.#floats] = this.#views();
    this.#writeAddresses();
  }

  /** Steps applied. */
  get steps(): number {
    return this.#steps;
  }
  /**
   * For moments of an earlier run.
   *
   * @throws TypeError, RangeError for what is no count; AshlarError BUSY from a schedule
   */
  set steps(steps: number) {
    this.#refuseWithin("steps");
    this.#steps = wholeNumberBetween(steps, 0, Number.MAX_SAFE_INTEGER - 1, "steps", "HeapAdamW");
  }

  /**
   * Steps all tensors.
   *
   * @param gradScale multiplies the gradients: 1 / loss scale, or a clip coefficient. Default 1
   * @returns false where the step was skipped for a gradient that is not finite
   * @throws AshlarError NON_FINITE, before anything is changed; BUSY from a schedule; TypeError,
   *   RangeError for a schedule's bad value or a bad gradScale
   */
  step(gradScale = 1): boolean {
    if (!Number.isFinite(gradScale)) {
      throw wrongKind("gradScale", "step", "a finite number", gradScale);
    }
    if (!Number.isFinite(Math.fround(gradScale))) {
      throw wrongValue("gradScale", "step", "a number that is finite as float32", gradScale);
    }
    this.#refuseWithin("step");
    this.#running = true;
    try {
      return this.#step(gradScale);
    } finally {
      this.#running = false;
    }
  }

  #step(gradScale: number): boolean {
    const lr = valueAt(this.#settings.lr, this.steps, "lr", WHERE);
    const weightDecay = valueAt(this.#settings.weightDecay, this.steps, "weightDecay", WHERE);
    // A schedule may have made the memory grow.
    this.#refresh();
    const count = this.#tensors.length;
    const tablePtr = this.#at + SCRATCH_BYTES;
    const flush = (this.steps + 1) % FLUSH_PERIOD === 0 ? FLAG_FLUSH : 0;
    for (let i = 0; i < count; i++) this.#write(i, lr, weightDecay, gradScale, flush);
    if (this.#settings.nonFinite !== "allow") {
      this.#kernel.scan(tablePtr, count, this.#at);
      if (!this.#allFinite(Math.abs(gradScale))) return false;
    }
    this.#kernel.step(tablePtr, count);
    this.#steps++;
    return true;
  }

  #refuseWithin(what: string): void {
    if (!this.#running) return;
    throw new AshlarError("BUSY", `${what}: expected no step to run, got a call from within one`);
  }

  /** How many values of the model copies became infinite in the last step. */
  get overflowed(): number {
    this.#refresh();
    let sum = 0;
    for (let i = 0; i < this.#tensors.length; i++) {
      sum += this.#words[i * word(SEG_BYTES) + word(SEG_OVERFLOWED)];
    }
    return sum;
  }

  /** The views of a memory that grew have no elements any more. */
  #refresh(): void {
    if (this.#words.length > 0) return;
    [this.#words, this.#floats] = this.#views();
  }

  #views(): [Uint32Array, Float32Array] {
    const [ptr, length] = [this.#at + SCRATCH_BYTES, this.#tensors.length * word(SEG_BYTES)];
    return [this.#memory.uint32(ptr, length), this.#memory.float32(ptr, length)];
  }

  #writeAddresses(): void {
    this.#words.fill(0);
    this.#tensors.forEach((tensor, i) => {
      const at = i * word(SEG_BYTES);
      this.#words[at + word(SEG_PARAM)] = tensor.param;
      this.#words[at + word(SEG_GRAD)] = tensor.grad;
      this.#words[at + word(SEG_EXP_AVG)] = tensor.expAvg;
      this.#words[at + word(SEG_EXP_AVG_SQ)] = tensor.expAvgSq;
      this.#words[at + word(SEG_MAX_EXP_AVG_SQ)] = tensor.maxExpAvgSq ?? 0;
      this.#words[at + word(SEG_MODEL)] = tensor.model ?? 0;
      this.#words[at + word(SEG_LENGTH)] = tensor.length;
    });
  }

  #write(index: number, lr: number, weightDecay: number, gradScale: number, flush: number): void {
    const { lrScale = 1, decays = true, maxExpAvgSq } = this.#tensors[index];
    const inputs = this.#inputs;
    inputs.lr = lr;
    inputs.lrScale = lrScale;
    inputs.weightDecay = decays ? weightDecay : 0;
    inputs.t = this.steps + 1;
    inputs.gradScale = this.#settings.sign * gradScale;
    const at = index * word(SEG_BYTES);
    const amsgrad = maxExpAvgSq === undefined ? 0 : FLAG_AMSGRAD;
    this.#words[at + word(SEG_FLAGS)] = this.#settings.flags | amsgrad | flush;
    this.#words[at + word(SEG_OVERFLOWED)] = 0;
    this.#floats[at + word(SEG_MAX_ABS_GRAD)] = 0;
    writeScalars(this.#floats, at, stepScalars(inputs, this.#scalars));
    checkScalars(this.#scalars, this.#nameOf(index), this.steps, "tensor");
  }

  #nameOf(index: number): string {
    return this.#tensors[index].name ?? `tensors[${index}]`;
  }

  #allFinite(scale: number): boolean {
    for (let i = 0; i < this.#tensors.length; i++) {
      const largest = this.#floats[i * word(SEG_BYTES) + word(SEG_MAX_ABS_GRAD)];
      if (largest * scale <= LARGEST_GRADIENT) continue;
      if (this.#settings.nonFinite === "skip") return false;
      throw new AshlarError(
        "NON_FINITE",
        `"grad" of tensor ${show(this.#nameOf(i))}: expected finite numbers of at most 2^63, got ` +
          `${largest}. Nothing was changed; nonFinite: "skip" skips such steps`,
      );
    }
    return true;
  }
}
