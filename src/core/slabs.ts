import {
  FLAG_ACTIVE,
  FLAG_AMSGRAD,
  FLAG_FLUSH,
  FLAG_MODEL_BFLOAT16,
  FLAG_MODEL_FLOAT16,
  FLUSH_PERIOD,
  SEG_BETA1,
  SEG_BETA2,
  SEG_BYTES,
  SEG_DECAY,
  SEG_EPS_HAT,
  SEG_EXP_AVG,
  SEG_EXP_AVG_SQ,
  SEG_FLAGS,
  SEG_GRAD,
  SEG_GRAD_SCALE,
  SEG_LENGTH,
  SEG_MAX_ABS_GRAD,
  SEG_MAX_EXP_AVG_SQ,
  SEG_MODEL,
  SEG_ONE_MINUS_BETA1,
  SEG_ONE_MINUS_BETA2,
  SEG_OVERFLOWED,
  SEG_PARAM,
  SEG_STEP_SIZE,
  SEG_SUMS,
} from "../../assembly/layout.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { instantiate, type Kernel } from "./kernel.ts";
import { SlabMemory } from "./memory.ts";
import { blocksOf, type PlannedSegment, type PlannedSlab, recordPtr } from "./plan.ts";
import type { PlaneName } from "./slab-layout.ts";
import type { StepScalars } from "./step-scalars.ts";

interface Slab {
  readonly plan: PlannedSlab;
  readonly memory: SlabMemory;
  readonly kernel: Kernel;
  /** The segment table twice: as addresses and flags, and as scalars. */
  readonly words: Uint32Array;
  readonly scalars: Float32Array;
  /** The whole gradient plane. Slabs do not grow, so that it may be kept. */
  readonly gradients: Float32Array;
}

/** One run of a parameter: where it lies and where it begins within the parameter. */
export interface Part {
  readonly slab: Slab;
  readonly segment: PlannedSegment;
  /** Index of the record's first 4-byte word in the slab's segment table. */
  readonly word: number;
}

export type FloatPlane = Exclude<PlaneName, "model">;

const word = (offset: number) => offset / 4;

/**
 * The memories that a plan asks for, and the kernel over each. It knows parameters by index and
 * never looks at names, groups or options.
 */
export class Slabs {
  readonly #slabs: Slab[] = [];
  /** Runs of each parameter, in order; none for an empty parameter. */
  readonly #parts: Part[][];
  readonly #modelFlag: number;

  readonly #sums: boolean;

  /**
   * @param sums whether each scan makes the sums of squares too
   * @throws AshlarError OUT_OF_MEMORY, NOT_READY, BAD_CORE
   */
  constructor(plan: readonly PlannedSlab[], parameterCount: number, model: Dtype, sums: boolean) {
    this.#sums = sums;
    this.#modelFlag =
      model === "float16" ? FLAG_MODEL_FLOAT16 : model === "bfloat16" ? FLAG_MODEL_BFLOAT16 : 0;
    this.#parts = Array.from({ length: parameterCount }, () => []);
    for (const planned of plan) this.#slabs.push(this.#open(planned));
  }

  #open(plan: PlannedSlab): Slab {
    const { layout, segments } = plan;
    const memory = new SlabMemory(layout.bytes);
    const tableWords = word(segments.length * SEG_BYTES);
    const last = segments[segments.length - 1];
    const elements = last.element + last.length;
    const slab: Slab = {
      plan,
      memory,
      kernel: instantiate(memory.memory),
      words: memory.uint32(layout.tablePtr, tableWords),
      scalars: memory.float32(layout.tablePtr, tableWords),
      gradients: memory.float32(layout.planes.grad, elements),
    };
    segments.forEach((segment, index) => {
      const at = word(index * SEG_BYTES);
      const float32At = (ptr: number) => ptr + segment.element * 4;
      const { planes } = layout;
      slab.words[at + word(SEG_PARAM)] = float32At(planes.param);
      slab.words[at + word(SEG_GRAD)] = float32At(planes.grad);
      slab.words[at + word(SEG_EXP_AVG)] = float32At(planes.expAvg);
      slab.words[at + word(SEG_EXP_AVG_SQ)] = float32At(planes.expAvgSq);
      slab.words[at + word(SEG_MAX_EXP_AVG_SQ)] =
        planes.maxExpAvgSq && float32At(planes.maxExpAvgSq);
      slab.words[at + word(SEG_MODEL)] = planes.model && planes.model + segment.element * 2;
      slab.words[at + word(SEG_SUMS)] = this.#sums ? layout.sumsPtr + segment.block * 8 : 0;
      slab.words[at + word(SEG_LENGTH)] = segment.length;
      this.#parts[segment.parameter].push({ slab, segment, word: at });
    });
    return slab;
  }

  partsOf(parameter: number): readonly Part[] {
    return this.#parts[parameter];
  }

  /** A fresh view of a part's run in one plane. float32[part.segment.length] */
  floats(part: Part, plane: FloatPlane): Float32Array<ArrayBuffer> {
    const ptr = part.slab.plan.layout.planes[plane] + part.segment.element * 4;
    return part.slab.memory.float32(ptr, part.segment.length);
  }

  /** Copies a part's gradient in. float32[part.segment.length] */
  setGradient({ slab, segment }: Part, gradient: Float32Array): void {
    slab.gradients.set(gradient, segment.element);
  }

  /** A fresh view of a part's run of the 16-bit model copy. uint16[part.segment.length] */
  model(part: Part): Uint16Array<ArrayBuffer> {
    const ptr = part.slab.plan.layout.planes.model + part.segment.element * 2;
    return part.slab.memory.uint16(ptr, part.segment.length);
  }

  /** Narrows the master weights of a part into its model copy; counts what became infinite. */
  narrow(part: Part): number {
    const { kernel, plan } = part.slab;
    const from = plan.layout.planes.param + part.segment.element * 4;
    const to = plan.layout.planes.model + part.segment.element * 2;
    const { length } = part.segment;
    return this.#modelFlag === FLAG_MODEL_FLOAT16
      ? kernel.narrowFloat16(from, to, length)
      : kernel.narrowBfloat16(from, to, length);
  }

  /** Takes 16-bit weights of one dtype as the master weights of a part. */
  widen(part: Part, halves: Uint16Array, dtype: "float16" | "bfloat16"): void {
    // The run's own expAvg plane is still zero and large enough to pass the halves through.
    const { kernel, memory, plan } = part.slab;
    const scratch = plan.layout.planes.expAvg + part.segment.element * 4;
    const to = plan.layout.planes.param + part.segment.element * 4;
    const { length } = part.segment;
    const staged = memory.uint16(scratch, length);
    staged.set(halves);
    if (dtype === "float16") kernel.widenFloat16(scratch, to, length);
    else kernel.widenBfloat16(scratch, to, length);
    staged.fill(0);
  }

  /** Makes a parameter take part in the next scan and step, as its update number t. */
  activate(parameter: number, scalars: StepScalars, t: number, amsgrad: boolean): void {
    const flags =
      FLAG_ACTIVE |
      this.#modelFlag |
      (amsgrad ? FLAG_AMSGRAD : 0) |
      (t % FLUSH_PERIOD === 0 ? FLAG_FLUSH : 0);
    for (const part of this.#parts[parameter]) {
      const to = part.slab.scalars;
      const at = part.word;
      part.slab.words[at + word(SEG_FLAGS)] = flags;
      to[at + word(SEG_GRAD_SCALE)] = scalars.gradScale;
      to[at + word(SEG_BETA1)] = scalars.beta1;
      to[at + word(SEG_ONE_MINUS_BETA1)] = scalars.oneMinusBeta1;
      to[at + word(SEG_BETA2)] = scalars.beta2;
      to[at + word(SEG_ONE_MINUS_BETA2)] = scalars.oneMinusBeta2;
      to[at + word(SEG_DECAY)] = scalars.decay;
      to[at + word(SEG_STEP_SIZE)] = scalars.stepSize;
      to[at + word(SEG_EPS_HAT)] = scalars.epsHat;
    }
  }

  /** Leaves a parameter out of the next scan and step. */
  deactivate(parameter: number): void {
    for (const part of this.#parts[parameter]) part.slab.words[part.word + word(SEG_FLAGS)] = 0;
  }

  /** Reads the active gradients: largest magnitudes and, where asked for, sums of squares. */
  scan(): void {
    for (const { plan, kernel } of this.#slabs) {
      kernel.scan(recordPtr(plan.layout, 0), plan.segments.length);
    }
  }

  /** Largest |gradient| of a parameter, from the last scan; NaN or Infinity where it has one. */
  maxAbsGrad(parameter: number): number {
    let largest = 0;
    for (const { slab, word: at } of this.#parts[parameter]) {
      const value = slab.scalars[at + word(SEG_MAX_ABS_GRAD)];
      if (!(value <= largest)) largest = value;
      if (Number.isNaN(value)) return value;
    }
    return largest;
  }

  /**
   * Adds a parameter's sums of squares, from the last scan, to a running total: block after block.
   */
  addSquares(parameter: number, total: number): number {
    let sum = total;
    for (const { slab, segment } of this.#parts[parameter]) {
      const ptr = slab.plan.layout.sumsPtr + segment.block * 8;
      for (const block of slab.memory.float64(ptr, blocksOf(segment.length))) sum += block;
    }
    return sum;
  }

  /** Updates every active parameter: one call of the kernel a slab. */
  step(): void {
    for (const { plan, kernel } of this.#slabs) {
      kernel.step(recordPtr(plan.layout, 0), plan.segments.length);
    }
  }

  /** How many values of a parameter's model copy are infinite after the last step. */
  overflowed(parameter: number): number {
    let count = 0;
    for (const { slab, word: at } of this.#parts[parameter]) {
      count += slab.words[at + word(SEG_OVERFLOWED)];
    }
    return count;
  }

  /** Bytes of all memories. */
  get bytes(): number {
    return this.#slabs.reduce((bytes, { plan }) => bytes + plan.layout.bytes, 0);
  }
}
