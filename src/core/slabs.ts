import {
  BLOCK_LENGTH,
  FLAG_ACTIVE,
  FLAG_AMSGRAD,
  FLAG_CHECK,
  FLAG_FLUSH,
  FLAG_GRAD_BFLOAT16,
  FLAG_GRAD_FLOAT16,
  FLAG_MODEL_BFLOAT16,
  FLAG_MODEL_FLOAT16,
  FLAG_MODEL_ONLY,
  FLAG_ZERO_GRAD,
  FLUSH_PERIOD,
  METRIC_BYTES,
  OP_SCAN,
  OP_STEP,
  OP_STEP_MEASURED,
  SEG_BYTES,
  SEG_CHECK_PHASE,
  SEG_CHECK_STRIDE,
  SEG_FLAGS,
  SEG_MAX_ABS_GRAD,
  SEG_OVERFLOWED,
} from "../../assembly/layout.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { addMetrics, METRIC_LENGTH, type MetricSums, noSums } from "./metric-sums.ts";
import { blocksOf, type PlannedSlab, recordPtr } from "./plan.ts";
import { type Part, type Slab, word } from "./slab.ts";
import { SlabPlanes, type SlabsOptions } from "./slab-planes.ts";
import type { StepScalars } from "./step-scalars.ts";
import type { Team } from "./team.ts";
import { writeScalars } from "./write-scalars.ts";

/** How a parameter takes part in a step. */
export interface Activation {
  /** The update's number for the parameter, from 1. */
  t: number;
  amsgrad: boolean;
  /** As a whole; otherwise it moves by rows only. */
  whole: boolean;
  /** Its gradient came in 16 bits, and no scan has widened it. */
  widen: boolean;
  /** Its gradient becomes zero afterwards. */
  zero: boolean;
}

function halfFlag(dtype: Dtype, float16: number, bfloat16: number): number {
  if (dtype === "float32") return 0;
  return dtype === "float16" ? float16 : bfloat16;
}

/** The slabs of an optimizer, and the walks of the kernel over them. */
export class Slabs extends SlabPlanes {
  /** Whether scans make sums of squares. */
  readonly sums: boolean;
  /** Steps make checksums: of all gradients, and of each stride-th block's state. 0: none. */
  checkStride = 0;
  /** Which blocks' turn it is. */
  checkPhase = 0;
  readonly #modelFlag: number;
  readonly #gradFlag: number;
  #team: Team | null;

  /** @throws AshlarError OUT_OF_MEMORY, NOT_READY, BAD_CORE */
  constructor(plan: readonly PlannedSlab[], parameterCount: number, options: SlabsOptions) {
    super(plan, parameterCount, options);
    const { model, master, gradients, sums, team } = options;
    this.sums = sums;
    this.#team = team;
    this.#modelFlag =
      halfFlag(model, FLAG_MODEL_FLOAT16, FLAG_MODEL_BFLOAT16) | (master ? 0 : FLAG_MODEL_ONLY);
    this.#gradFlag = halfFlag(gradients, FLAG_GRAD_FLOAT16, FLAG_GRAD_BFLOAT16);
    team?.start(this.slabs);
  }

  /** Lets no parameter take part in the next scan or step. */
  chooseNone(): void {
    for (const slab of this.slabs) {
      slab.active = 0;
      for (let at = word(SEG_FLAGS); at < slab.words.length; at += word(SEG_BYTES)) {
        slab.words[at] = 0;
      }
    }
  }

  /**
   * Lets a parameter take part, as a whole, in the next scan. `widen`: its gradient came in 16 bits.
   */
  choose(parameter: number, widen: boolean): void {
    for (const { slab, segment, word: at } of this.parts[parameter]) {
      slab.active += segment.length;
      slab.words[at + word(SEG_FLAGS)] = FLAG_ACTIVE | (widen ? this.#gradFlag : 0);
      slab.words[at + word(SEG_MAX_ABS_GRAD)] = 0;
    }
  }

  /** Writes the scalars of a parameter's update, and how its segments take part in it. */
  activate(parameter: number, scalars: StepScalars, how: Activation): void {
    // The records of what moves by rows are made afterwards, of its whole blocks.
    const checks = how.whole && this.checkStride > 0;
    const flags =
      this.#modelFlag |
      (how.whole ? FLAG_ACTIVE : 0) |
      (how.widen ? this.#gradFlag : 0) |
      (how.zero ? FLAG_ZERO_GRAD : 0) |
      (how.amsgrad ? FLAG_AMSGRAD : 0) |
      (checks ? FLAG_CHECK : 0) |
      (how.t % FLUSH_PERIOD === 0 ? FLAG_FLUSH : 0);
    for (const part of this.parts[parameter]) {
      const at = part.word;
      if (how.whole) part.slab.active += part.segment.length;
      part.slab.words[at + word(SEG_FLAGS)] = flags;
      part.slab.words[at + word(SEG_OVERFLOWED)] = 0;
      writeScalars(part.slab.scalars, at, scalars);
      if (checks) this.takeTurns(part, this.checkStride, this.checkPhase);
    }
  }

  /** Says of which blocks a part's state is checked: block i of the parameter where stride divides i + phase. */
  takeTurns({ slab, segment, word: at }: Part, stride: number, phase: number): void {
    slab.words[at + word(SEG_CHECK_STRIDE)] = stride;
    slab.words[at + word(SEG_CHECK_PHASE)] = (phase + segment.first / BLOCK_LENGTH) % stride;
  }

  /** Reads the active gradients: largest magnitudes and, where asked for, sums of squares. */
  scan(): void {
    this.#run(OP_SCAN);
  }

  /**
   * Fills in the largest |gradient| of every parameter, from the last scan, or with sums a bound of
   * it; NaN or Infinity where one has it. float64[parameters]: numbers that are returned one by one
   * are objects to be collected.
   */
  readLargest(into: Float64Array): void {
    for (let parameter = 0; parameter < this.parts.length; parameter++) {
      into[parameter] = 0;
      for (const { slab, word: at } of this.parts[parameter]) {
        // Math.max keeps a NaN.
        into[parameter] = Math.max(into[parameter], slab.scalars[at + word(SEG_MAX_ABS_GRAD)]);
      }
    }
  }

  /**
   * Adds a parameter's sums of squares, from the last scan, to a running total: block after block.
   * @param total   float64[1]: as with readLargest
   * @param touched where only rows were scanned: how many blocks of each part they touch
   */
  addSquares(parameter: number, total: Float64Array, touched?: readonly number[]): void {
    let sum = total[0];
    const parts = this.parts[parameter];
    for (let index = 0; index < parts.length; index++) {
      const { slab, segment } = parts[index];
      const end = segment.block + (touched ? touched[index] : blocksOf(segment.length));
      for (let block = segment.block; block < end; block++) sum += slab.blockSums[block];
    }
    total[0] = sum;
  }

  /** Updates every active parameter: one call of the kernel a slab. */
  step(): void {
    this.#run(OP_STEP);
  }

  /** As step, and measures each parameter; see metrics. */
  stepMeasured(): void {
    this.#run(OP_STEP_MEASURED);
  }

  /**
   * As step or stepMeasured, of these parts alone: between the first and the last of them there must be
   * no other active segment of their slabs. By the caller's thread.
   */
  stepParts(parts: readonly Part[], measured: boolean): void {
    const bounds = new Map<Slab, { from: number; to: number }>();
    for (const { slab, word: at } of parts) {
      const index = at / word(SEG_BYTES);
      const found = bounds.get(slab);
      if (!found) bounds.set(slab, { from: index, to: index + 1 });
      else found.to = index + 1;
    }
    for (const [{ kernel, plan }, { from, to }] of bounds) {
      const firstPtr = recordPtr(plan.layout, from);
      if (measured) kernel.stepMeasured(firstPtr, to - from, plan.layout.scratchPtr);
      else kernel.step(firstPtr, to - from);
    }
  }

  /** As scan; resolves without holding up the event loop for what other threads are at. */
  scanAsync(): Promise<void> {
    return this.#runAsync(OP_SCAN);
  }

  /** As step or stepMeasured; resolves as scanAsync does. */
  stepAsync(measured: boolean): Promise<void> {
    return this.#runAsync(measured ? OP_STEP_MEASURED : OP_STEP);
  }

  #run(op: number): void {
    for (let index = 0; index < this.slabs.length; index++) {
      if (this.#team?.worthwhile(this.slabs[index].active)) this.#team.run(index, op);
      else runAlone(this.slabs[index], op);
    }
  }

  async #runAsync(op: number): Promise<void> {
    for (let index = 0; index < this.slabs.length; index++) {
      if (this.#team?.worthwhile(this.slabs[index].active)) await this.#team.runAsync(index, op);
      else runAlone(this.slabs[index], op);
    }
  }

  /** Sums of a parameter from the last measured step, blocks in their order. */
  metrics(parameter: number): MetricSums {
    const sums = noSums();
    for (const part of this.parts[parameter]) addMetrics(sums, this.metricBlocks(part));
    return sums;
  }

  /** The metric records of a part's blocks. float64[METRIC_LENGTH * blocks] */
  metricBlocks({ slab, segment }: Part): Float64Array {
    const ptr = slab.plan.layout.metricsPtr + segment.block * METRIC_BYTES;
    return slab.memory.float64(ptr, blocksOf(segment.length) * METRIC_LENGTH);
  }

  /** The sums of squares of a part's blocks, from the last scan. float64[blocks] */
  sumBlocks({ slab, segment }: Part): Float64Array {
    return slab.blockSums.subarray(segment.block, segment.block + blocksOf(segment.length));
  }

  /** How many values of a parameter's model copy are infinite after the last step. */
  overflowed(parameter: number): number {
    let count = 0;
    for (const { slab, word: at } of this.parts[parameter]) {
      count += slab.words[at + word(SEG_OVERFLOWED)];
    }
    return count;
  }

  /** Threads that share the work, the caller's own included. */
  get threads(): number {
    return this.#team?.threads ?? 1;
  }

  /** Whether a thread was lost in the middle of its work: see Team.lost. */
  get lost(): boolean {
    return this.#team?.lost ?? false;
  }

  /** Once all threads take part. @throws AshlarError WORKER where one could not start */
  async ready(): Promise<void> {
    await this.#team?.ready();
  }

  /** Ends the workers, if there are any. */
  close(): void {
    this.#team?.close();
  }

  /** Ends the workers and lets go of all memory, whoever still holds this. */
  release(): void {
    this.close();
    this.#team = null;
    this.slabs = [];
    this.parts = [];
  }
}

/** OP_* on every active segment of a slab, by the caller's thread. */
function runAlone({ active, kernel, plan }: Slab, op: number): void {
  if (active === 0) return;
  const { tablePtr, scratchPtr } = plan.layout;
  const count = plan.segments.length;
  if (op === OP_STEP) kernel.step(tablePtr, count);
  else if (op === OP_SCAN) kernel.scan(tablePtr, count, scratchPtr);
  else kernel.stepMeasured(tablePtr, count, scratchPtr);
}
