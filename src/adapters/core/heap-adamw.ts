import {
  FLAG_ACTIVE,
  FLAG_AMSGRAD,
  FLAG_FLUSH,
  FLAG_MODEL_BFLOAT16,
  FLAG_MODEL_FLOAT16,
  FLAG_ZERO_GRAD,
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
import { instantiate, type Kernel, type LinearMemory } from "../../core/kernel.ts";
import type { SlabMemory } from "../../core/memory.ts";
import { writeScalars } from "../../core/write-scalars.ts";
import { AshlarError, show, wrongKind } from "../../errors.ts";
import { LARGEST_GRADIENT } from "../../optimizers/find-bad-gradient.ts";
import { checkEps, readBetas } from "../../optimizers/options.ts";
import { type ScalarInputs, stepScalars } from "../../optimizers/scalars.ts";
import { readScheduled, type Scheduled, valueAt } from "../../schedules/schedule.ts";
import { finiteAtLeast, flag, knownKeys, oneOf, optionObject } from "../../validate.ts";
import { heapOf } from "./heap-memory.ts";
import { checkTensors, type HeapTensor } from "./heap-tensor.ts";

/** What `HeapAdamW` takes. */
export interface HeapAdamWOptions {
  /** Address of `HeapAdamW.bytesFor(tensors.length)` bytes for the optimizer, a multiple of 8. */
  readonly at: number;
  /** A number or a schedule of the step counted from 0. Default 1e-3. */
  readonly lr?: Scheduled;
  /** As lr; multiplied by lr. Default 0.01. */
  readonly weightDecay?: Scheduled;
  /** Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8. */
  readonly eps?: number;
  /** Climb instead of descend. Default false. */
  readonly maximize?: boolean;
  /** Dtype of the tensors' `model` copies. Default none. */
  readonly model?: "float16" | "bfloat16";
  /** Zero the gradients in the step's own walk. Default false. */
  readonly zeroGradients?: boolean;
  /** What a NaN, infinite or overflowing gradient leads to; "allow" does not look. Default "throw". */
  readonly nonFinite?: "throw" | "skip" | "allow";
}

const WHERE = "the options";
const KEYS = [
  ...["at", "lr", "weightDecay", "betas", "eps", "maximize", "model"],
  ...["zeroGradients", "nonFinite"],
];
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
  /** Steps applied; assign it where the moments are of an earlier run. */
  steps = 0;
  readonly #memory: SlabMemory;
  readonly #kernel: Kernel;
  readonly #at: number;
  readonly #tensors: readonly HeapTensor[];
  readonly #lr: Scheduled;
  readonly #weightDecay: Scheduled;
  readonly #sign: number;
  readonly #flags: number;
  readonly #nonFinite: "throw" | "skip" | "allow";
  readonly #inputs: ScalarInputs;
  readonly #scalars = stepScalars({ ...NO_INPUTS }, { ...NO_SCALARS });
  #words: Uint32Array;
  #floats: Float32Array;

  /** Bytes that an optimizer of so many tensors needs at `at`. */
  static bytesFor(count: number): number {
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
    const given = optionObject(options, "options", "HeapAdamW");
    knownKeys(given, KEYS, WHERE);
    const { lr = 1e-3, weightDecay = 0.01, betas = [0.9, 0.999], eps = 1e-8, model } = given;
    const { maximize = false, zeroGradients = false, nonFinite = "throw" } = given;
    const [beta1, beta2] = readBetas(betas, WHERE);
    const checkedEps = finiteAtLeast(eps, 0, "eps", WHERE);
    checkEps(checkedEps, beta2, WHERE);
    const dtype =
      model === undefined ? null : oneOf(model, ["float16", "bfloat16"] as const, "model", WHERE);
    const at = given.at;
    if (!(Number.isSafeInteger(at) && (at as number) % 8 === 0 && (at as number) >= 0)) {
      throw wrongKind("at", WHERE, "an address that is a multiple of 8", at);
    }
    const count = Array.isArray(tensors) ? tensors.length : 0;
    const begin = at as number;
    const table = { begin, end: begin + HeapAdamW.bytesFor(count) };
    this.#tensors = checkTensors(tensors, dtype !== null, table, heap.byteLength);
    this.#lr = readScheduled(lr, "lr", WHERE);
    this.#weightDecay = readScheduled(weightDecay, "weightDecay", WHERE);
    this.#sign = flag(maximize, "maximize", WHERE) ? -1 : 1;
    this.#nonFinite = oneOf(nonFinite, ["throw", "skip", "allow"] as const, "nonFinite", WHERE);
    this.#flags =
      FLAG_ACTIVE |
      (flag(zeroGradients, "zeroGradients", WHERE) ? FLAG_ZERO_GRAD : 0) |
      (dtype === "float16" ? FLAG_MODEL_FLOAT16 : 0) |
      (dtype === "bfloat16" ? FLAG_MODEL_BFLOAT16 : 0);
    this.#inputs = { ...NO_INPUTS, beta1, beta2, eps: checkedEps };
    this.#memory = heap;
    this.#at = begin;
    this.#kernel = instantiate(memory);
    [this.#words, this.#floats] = this.#views();
    this.#writeAddresses();
  }

  /**
   * Steps all tensors.
   *
   * @param gradScale multiplies the gradients: 1 / loss scale, or a clip coefficient. Default 1
   * @returns false where the step was skipped for a gradient that is not finite
   * @throws AshlarError NON_FINITE, before anything is changed; TypeError, RangeError for a schedule's
   *   bad value or a bad gradScale
   */
  step(gradScale = 1): boolean {
    if (!Number.isFinite(gradScale)) {
      throw wrongKind("gradScale", "step", "a finite number", gradScale);
    }
    const lr = valueAt(this.#lr, this.steps, "lr", WHERE);
    const weightDecay = valueAt(this.#weightDecay, this.steps, "weightDecay", WHERE);
    // After the schedules, which may be functions that make the memory grow.
    this.#refresh();
    const count = this.#tensors.length;
    const tablePtr = this.#at + SCRATCH_BYTES;
    const flush = (this.steps + 1) % FLUSH_PERIOD === 0 ? FLAG_FLUSH : 0;
    for (let i = 0; i < count; i++) this.#write(i, lr, weightDecay, gradScale, flush);
    if (this.#nonFinite !== "allow") {
      this.#kernel.scan(tablePtr, count, this.#at);
      if (!this.#allFinite(Math.abs(gradScale))) return false;
    }
    this.#kernel.step(tablePtr, count);
    this.steps++;
    return true;
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
    inputs.gradScale = this.#sign * gradScale;
    const at = index * word(SEG_BYTES);
    const amsgrad = maxExpAvgSq === undefined ? 0 : FLAG_AMSGRAD;
    this.#words[at + word(SEG_FLAGS)] = this.#flags | amsgrad | flush;
    this.#words[at + word(SEG_OVERFLOWED)] = 0;
    this.#floats[at + word(SEG_MAX_ABS_GRAD)] = 0;
    writeScalars(this.#floats, at, stepScalars(inputs, this.#scalars));
  }

  #allFinite(scale: number): boolean {
    for (let i = 0; i < this.#tensors.length; i++) {
      const largest = this.#floats[i * word(SEG_BYTES) + word(SEG_MAX_ABS_GRAD)];
      if (largest * scale <= LARGEST_GRADIENT) continue;
      if (this.#nonFinite === "skip") return false;
      const name = this.#tensors[i].name ?? `tensors[${i}]`;
      throw new AshlarError(
        "NON_FINITE",
        `"grad" of tensor ${show(name)}: expected finite numbers of at most 2^63, got ` +
          `${largest}. Nothing was changed; nonFinite: "skip" skips such steps`,
      );
    }
    return true;
  }
}
