import {
  FLAG_ACTIVE,
  FLAG_AMSGRAD,
  FLAG_FLUSH,
  FLAG_MODEL_BFLOAT16,
  FLAG_MODEL_FLOAT16,
  FLUSH_PERIOD,
  METRIC_BYTES,
  METRIC_GRAD_SQUARES,
  METRIC_MOMENT_GRAD,
  METRIC_MOMENT_SQUARES,
  METRIC_PARAM_SQUARES,
  METRIC_UPDATE_GRAD,
  METRIC_UPDATE_SQUARES,
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
  SEG_METRICS,
  SEG_MODEL,
  SEG_ONE_MINUS_BETA1,
  SEG_ONE_MINUS_BETA2,
  SEG_OVERFLOWED,
  SEG_PARAM,
  SEG_STEP_SIZE,
  SEG_SUMS,
} from "../../assembly/layout.ts";
import type { GradientPart } from "../gradients/gradient.ts";
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

export type FloatPlane = Exclude<PlaneName, "model" | "grad16">;

/** Sums over a parameter's elements; docs/abi.md has each. Gradients as stored, before scaling. */
export interface MetricSums {
  grad: number;
  moment: number;
  param: number;
  update: number;
  momentGrad: number;
  updateGrad: number;
}

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
      slab.words[at + word(SEG_METRICS)] = layout.metricsPtr + segment.block * METRIC_BYTES;
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

  /** Fresh views of a parameter's whole plane, run by run, each with the element it begins with. */
  runsOf(parameter: number, plane: FloatPlane): GradientPart[] {
    return this.#parts[parameter].map((part) => ({
      first: part.segment.first,
      values: this.floats(part, plane),
    }));
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

  /** A fresh view of a part's run of the 16-bit gradient. uint16[part.segment.length] */
  gradient16(part: Part): Uint16Array<ArrayBuffer> {
    const ptr = part.slab.plan.layout.planes.grad16 + part.segment.element * 2;
    return part.slab.memory.uint16(ptr, part.segment.length);
  }

  /** Widens a part's 16-bit gradient into the float32 one, exactly. */
  widenGradient(part: Part, dtype: "float16" | "bfloat16"): void {
    const { kernel, plan } = part.slab;
    const from = plan.layout.planes.grad16 + part.segment.element * 2;
    const to = plan.layout.planes.grad + part.segment.element * 4;
    if (dtype === "float16") kernel.widenFloat16(from, to, part.segment.length);
    else kernel.widenBfloat16(from, to, part.segment.length);
  }

  /** Widens a part's model copy into the float32 weights, exactly: there are no masters beside it. */
  widenModel(part: Part): void {
    const { kernel, plan } = part.slab;
    const from = plan.layout.planes.model + part.segment.element * 2;
    const to = plan.layout.planes.param + part.segment.element * 4;
    if (this.#modelFlag === FLAG_MODEL_FLOAT16) kernel.widenFloat16(from, to, part.segment.length);
    else kernel.widenBfloat16(from, to, part.segment.length);
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

  /**
   * Writes the scalars of a parameter's update number t. `whole` makes it take part in the next scan
   * and step; otherwise it moves by rows only.
   */
  activate(
    parameter: number,
    scalars: StepScalars,
    t: number,
    amsgrad: boolean,
    whole = true,
  ): void {
    const flags =
      (whole ? FLAG_ACTIVE : 0) |
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

  /** Lets a parameter take part, as a whole, in the next scan; or leaves it out. */
  choose(parameter: number, takesPart: boolean): void {
    for (const part of this.#parts[parameter]) {
      part.slab.words[part.word + word(SEG_FLAGS)] = takesPart ? FLAG_ACTIVE : 0;
    }
  }

  /** Reads the active gradients: largest magnitudes and, where asked for, sums of squares. */
  scan(): void {
    for (const { plan, kernel } of this.#slabs) {
      kernel.scan(recordPtr(plan.layout, 0), plan.segments.length, plan.layout.scratchPtr);
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
   * @param touched where only rows were scanned: how many blocks of each part they touch
   */
  addSquares(parameter: number, total: number, touched?: readonly number[]): number {
    let sum = total;
    this.#parts[parameter].forEach(({ slab, segment }, index) => {
      const ptr = slab.plan.layout.sumsPtr + segment.block * 8;
      const blocks = touched ? touched[index] : blocksOf(segment.length);
      for (const block of slab.memory.float64(ptr, blocks)) sum += block;
    });
    return sum;
  }

  /** Updates every active parameter: one call of the kernel a slab. */
  step(): void {
    for (const { plan, kernel } of this.#slabs) {
      kernel.step(recordPtr(plan.layout, 0), plan.segments.length);
    }
  }

  /** As step, and measures each parameter; see metrics. */
  stepMeasured(): void {
    for (const { plan, kernel } of this.#slabs) {
      const { layout, segments } = plan;
      kernel.stepMeasured(recordPtr(layout, 0), segments.length, layout.scratchPtr);
    }
  }

  /** Sums of a parameter from the last measured step, blocks in their order. */
  metrics(parameter: number): MetricSums {
    const sums = { grad: 0, moment: 0, param: 0, update: 0, momentGrad: 0, updateGrad: 0 };
    for (const { slab, segment } of this.#parts[parameter]) {
      const ptr = slab.plan.layout.metricsPtr + segment.block * METRIC_BYTES;
      const count = METRIC_BYTES / 8;
      const table = slab.memory.float64(ptr, blocksOf(segment.length) * count);
      for (let block = 0; block < table.length; block += count) {
        sums.grad += table[block + METRIC_GRAD_SQUARES / 8];
        sums.moment += table[block + METRIC_MOMENT_SQUARES / 8];
        sums.param += table[block + METRIC_PARAM_SQUARES / 8];
        sums.update += table[block + METRIC_UPDATE_SQUARES / 8];
        sums.momentGrad += table[block + METRIC_MOMENT_GRAD / 8];
        sums.updateGrad += table[block + METRIC_UPDATE_GRAD / 8];
      }
    }
    return sums;
  }

  /** How many values of a parameter's model copy are infinite after the last step. */
  overflowed(parameter: number): number {
    let count = 0;
    for (const { slab, word: at } of this.#parts[parameter]) {
      count += slab.words[at + word(SEG_OVERFLOWED)];
    }
    return count;
  }

  /** Whether scans make sums of squares. */
  get sums(): boolean {
    return this.#sums;
  }

  /** Bytes of all memories. */
  get bytes(): number {
    return this.#slabs.reduce((bytes, { plan }) => bytes + plan.layout.bytes, 0);
  }
}
