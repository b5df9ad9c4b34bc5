import { SEG_BYTES, SEG_FLAGS, SEG_MAX_ABS_GRAD } from "../../assembly/layout.ts";
import type { GradientPart } from "../gradients/gradient.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { SlabMemory } from "./memory.ts";
import { type PlannedSlab, recordPtr } from "./plan.ts";
import { addressOf, openSlab, type Part, type Slab, word } from "./slab.ts";
import type { PlaneName } from "./slab-layout.ts";
import type { Team } from "./team.ts";

export interface SlabsOptions {
  readonly model: Dtype;
  /** False where the weights are what a 16-bit model copy says. */
  readonly master: boolean;
  /** How gradients come that do not come as float32. */
  readonly gradients: Dtype;
  /** Whether each scan makes the sums of squares too. */
  readonly sums: boolean;
  /** null: the caller's thread alone. */
  readonly team: Team | null;
}

export type FloatPlane = Exclude<PlaneName, "model" | "grad16">;

/** Elements that are copied before they are scanned: what stays in a 256 KiB L2 cache, twice. */
const COPY_LENGTH = 16_384;

/**
 * The memories that a plan asks for, and where each parameter lies in them: views and conversions of
 * whole runs. It knows parameters by index and never looks at names, groups or options.
 */
export class SlabPlanes {
  protected slabs: readonly Slab[];
  /** Runs of each parameter, in order; none for an empty parameter. */
  protected parts: readonly (readonly Part[])[];
  readonly #model: Dtype;
  readonly #gradients: Dtype;

  /** @throws AshlarError OUT_OF_MEMORY, NOT_READY, BAD_CORE */
  constructor(
    plan: readonly PlannedSlab[],
    parameterCount: number,
    { model, gradients, sums, team }: SlabsOptions,
  ) {
    this.#model = model;
    this.#gradients = gradients;
    const sizes = plan.map(({ layout }) => layout.bytes);
    const memories = SlabMemory.allocate(sizes, team !== null);
    this.slabs = plan.map((planned, index) => openSlab(planned, memories[index], sums, team));
    const parts = Array.from({ length: parameterCount }, (): Part[] => []);
    for (const slab of this.slabs) {
      slab.plan.segments.forEach((segment, index) => {
        parts[segment.parameter].push({ slab, segment, word: word(index * SEG_BYTES) });
      });
    }
    this.parts = parts;
  }

  partsOf(parameter: number): readonly Part[] {
    return this.parts[parameter];
  }

  /** Whether a buffer is that of one of these memories. */
  owns(buffer: ArrayBufferLike): boolean {
    for (const { gradients } of this.slabs) if (gradients.buffer === buffer) return true;
    return false;
  }

  /** A fresh view of a part's run in one plane. float32[part.segment.length] */
  floats(part: Part, plane: FloatPlane): Float32Array {
    return part.slab.memory.float32(startOf(part, plane), part.segment.length);
  }

  /** Fresh views of a parameter's whole plane, run by run, each with the element it begins with. */
  runsOf(parameter: number, plane: FloatPlane): GradientPart[] {
    return this.parts[parameter].map((part) => ({
      first: part.segment.first,
      values: this.floats(part, plane),
    }));
  }

  /** Runs of these parameters that lie one after the other: a list for each memory. */
  stretchesOf(parameters: readonly number[]): Part[][] {
    const stretches = new Map<Slab, Part[]>();
    for (const part of parameters.flatMap((parameter) => this.parts[parameter])) {
      const stretch = stretches.get(part.slab);
      if (stretch) stretch.push(part);
      else stretches.set(part.slab, [part]);
    }
    return [...stretches.values()];
  }

  /** A fresh view from the first of these runs to the last, in one plane. */
  stretch(parts: readonly Part[], plane: FloatPlane): Float32Array {
    return parts[0].slab.memory.float32(startOf(parts[0], plane), elementsOf(parts));
  }

  /** As stretch, over the 16-bit gradients. */
  stretch16(parts: readonly Part[]): Uint16Array {
    return parts[0].slab.memory.uint16(startOf(parts[0], "grad16"), elementsOf(parts));
  }

  /** Copies a part's gradient in. float32[part.segment.length] */
  setGradient({ slab, segment }: Part, gradient: Float32Array): void {
    slab.gradients.set(gradient, segment.element);
  }

  /**
   * Copies a part's gradient in and scans it: piece by piece, so that it is read while it is still in
   * the cache. float32[part.segment.length]
   */
  setAndScanGradient({ slab, segment, word: at }: Part, gradient: Float32Array): void {
    const { kernel, plan, gradients } = slab;
    const segmentPtr = recordPtr(plan.layout, at / word(SEG_BYTES));
    // Flags of a scan before would have it widen a 16-bit gradient over this one.
    slab.words[at + word(SEG_FLAGS)] = 0;
    slab.words[at + word(SEG_MAX_ABS_GRAD)] = 0;
    for (let first = 0; first < segment.length; first += COPY_LENGTH) {
      const length = Math.min(COPY_LENGTH, segment.length - first);
      const piece =
        length === gradient.length ? gradient : gradient.subarray(first, first + length);
      gradients.set(piece, segment.element + first);
      kernel.scanRange(segmentPtr, first, length, plan.layout.scratchPtr);
    }
  }

  /** A fresh view of a part's run of the 16-bit model copy. uint16[part.segment.length] */
  model(part: Part): Uint16Array {
    return part.slab.memory.uint16(startOf(part, "model"), part.segment.length);
  }

  /** A fresh view of a part's run of the 16-bit gradient. uint16[part.segment.length] */
  gradient16(part: Part): Uint16Array {
    return part.slab.memory.uint16(startOf(part, "grad16"), part.segment.length);
  }

  /** Widens a part's 16-bit gradient into the float32 one, exactly. */
  widenGradient(part: Part): void {
    widen(part, startOf(part, "grad16"), "grad", this.#gradients);
  }

  /** Widens a part's model copy into the float32 weights, exactly: there are no masters beside it. */
  widenModel(part: Part): void {
    widen(part, startOf(part, "model"), "param", this.#model);
  }

  /** Narrows the master weights of a part into its model copy; counts what became infinite. */
  narrow(part: Part): number {
    const { kernel } = part.slab;
    const [from, to] = [startOf(part, "param"), startOf(part, "model")];
    const { length } = part.segment;
    return this.#model === "float16"
      ? kernel.narrowFloat16(from, to, length)
      : kernel.narrowBfloat16(from, to, length);
  }

  /** Takes 16-bit weights of one dtype as the master weights of a part. */
  widen(part: Part, halves: Uint16Array, dtype: Dtype): void {
    // The run's own expAvg plane is still zero and large enough to pass the halves through.
    const scratch = startOf(part, "expAvg");
    const staged = part.slab.memory.uint16(scratch, part.segment.length);
    staged.set(halves);
    widen(part, scratch, "param", dtype);
    staged.fill(0);
  }

  /**
   * Writes zeros to all planes, which are zero: an engine only gets a page from the system when it is
   * first written. Before any data is copied in.
   */
  touchPages(): void {
    for (const { memory, plan } of this.slabs) {
      const first = Math.min(...Object.values(plan.layout.planes).filter((ptr) => ptr > 0));
      memory.uint8(first, plan.layout.bytes - first).fill(0);
    }
  }

  /** Bytes of all memories. */
  get bytes(): number {
    return this.slabs.reduce((bytes, { plan }) => bytes + plan.layout.bytes, 0);
  }
}

/** Address of a part's run in one plane. */
function startOf({ slab, segment }: Part, plane: PlaneName): number {
  return addressOf(slab.plan, plane, segment.element);
}

/** Widens the 16 bits that lie at `from` into a part's run of a plane. */
function widen(part: Part, from: number, plane: FloatPlane, dtype: Dtype): void {
  const { kernel } = part.slab;
  const to = startOf(part, plane);
  if (dtype === "float16") kernel.widenFloat16(from, to, part.segment.length);
  else kernel.widenBfloat16(from, to, part.segment.length);
}

/** From the first run's first element to the last one's end. */
function elementsOf(parts: readonly Part[]): number {
  const last = parts[parts.length - 1].segment;
  return last.element + last.length - parts[0].segment.element;
}
