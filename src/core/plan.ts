import { BLOCK_LENGTH, SEG_BYTES } from "../../assembly/layout.ts";
import { show, wrongValue } from "../errors.ts";
import { LARGEST_SLAB_BYTES, layoutSlab, type SlabLayout, type SlabShape } from "./slab-layout.ts";

// Pure planning: which run of which parameter lies in which slab. No WebAssembly here; the kernel
// trusts what this file decides.

/** What the planner needs to know of a parameter. */
export interface PlanParameter {
  readonly name: string;
  /** Elements. */
  readonly length: number;
  /** Whether it keeps the maximum of exp_avg_sq; such parameters get slabs of their own. */
  readonly amsgrad: boolean;
  /** What of it is laid out, ascending and apart; default all. */
  readonly runs?: readonly PlanRun[];
}

/** Some of a parameter's elements, of which nothing else is laid out here. */
export interface PlanRun {
  /** Element of the parameter that it begins with: a multiple of BLOCK_LENGTH. */
  readonly first: number;
  /** Elements, at least 1. But for the parameter's last ones a multiple of BLOCK_LENGTH. */
  readonly length: number;
}

export interface PlanOptions {
  /** Most bytes that one slab may have. */
  readonly slabBytes: number;
  /** Whether each parameter keeps a 16-bit model copy. */
  readonly model16: boolean;
  /** Whether gradients can come in 16 bits. */
  readonly grad16: boolean;
  /** Whether a parameter may be spread over several slabs. */
  readonly splitParameters: boolean;
  /** Threads that share the work, the caller's own included. Default 1. */
  readonly threads?: number;
}

/** One parameter's run in one slab: a record of the slab's segment table. */
export interface PlannedSegment {
  /** Index of the parameter. */
  readonly parameter: number;
  /** Element of the parameter that the run begins with: a multiple of BLOCK_LENGTH. */
  readonly first: number;
  /** Elements of the run, at least 1. */
  readonly length: number;
  /** Element of the slab's planes where the run begins. */
  readonly element: number;
  /** Index into the slab's table of block sums. */
  readonly block: number;
}

export interface PlannedSlab {
  readonly layout: SlabLayout;
  readonly segments: readonly PlannedSegment[];
}

/** Blocks that `length` elements make. */
export const blocksOf = (length: number) => Math.ceil(length / BLOCK_LENGTH);

interface OpenSlab {
  shape: SlabShape;
  segments: PlannedSegment[];
}

/**
 * Spreads parameters over slabs, in their order. A parameter, or run of it, that fits into one slab is
 * never split; a larger one is cut at multiples of BLOCK_LENGTH, so that no reduction block is. An empty
 * parameter has no segment.
 *
 * @throws RangeError for a parameter too large for a slab while splitting is off, and for slabs too
 *   small to hold one block
 */
export function planSlabs(
  parameters: readonly PlanParameter[],
  options: PlanOptions,
): PlannedSlab[] {
  const slabs: OpenSlab[] = [];
  // The slab being filled, for each set of planes.
  const open = new Map<boolean, OpenSlab>();
  const begin = (amsgrad: boolean) => {
    const slab = { shape: emptyShape(amsgrad, options), segments: [] };
    slabs.push(slab);
    open.set(amsgrad, slab);
    return slab;
  };

  const lay = (parameter: PlanParameter, index: number, run: PlanRun) => {
    const end = run.first + run.length;
    let { first } = run;
    while (first < end) {
      const left = end - first;
      const slab = open.get(parameter.amsgrad);
      if (first === run.first && slab && fits(slab.shape, left, options.slabBytes)) {
        append(slab, index, first, left);
        return;
      }
      const room = roomOfEmptySlab(parameter.amsgrad, options);
      if (left > room) refuseUnlessSplit(parameter, room, options);
      const length = Math.min(left, left > room ? room - (room % BLOCK_LENGTH) : left);
      append(begin(parameter.amsgrad), index, first, length);
      first += length;
    }
  };
  parameters.forEach((parameter, index) => {
    const { runs = [{ first: 0, length: parameter.length }] } = parameter;
    for (const run of runs) lay(parameter, index, run);
  });
  return slabs.map(({ shape, segments }) => ({ layout: layoutSlab(shape), segments }));
}

const emptyShape = (
  amsgrad: boolean,
  { model16, grad16, threads = 1 }: PlanOptions,
): SlabShape => ({
  elements: 0,
  segments: 0,
  blocks: 0,
  amsgrad,
  model16,
  grad16,
  threads,
});

/** Elements from one segment's start to the next one's: every plane's part stays 64-byte aligned. */
const strideOf = (length: number, halves: boolean) => {
  const alignment = halves ? 32 : 16;
  return Math.ceil(length / alignment) * alignment;
};

function extended(shape: SlabShape, length: number): SlabShape {
  return {
    ...shape,
    elements: shape.elements + strideOf(length, shape.model16 || shape.grad16),
    segments: shape.segments + 1,
    blocks: shape.blocks + blocksOf(length),
  };
}

function fits(shape: SlabShape, length: number, slabBytes: number): boolean {
  return layoutSlab(extended(shape, length)).bytes <= slabBytes;
}

/** Bytes of a slab that holds nothing but a parameter. */
export function bytesAlone({ length, amsgrad }: PlanParameter, options: PlanOptions): number {
  return layoutSlab(extended(emptyShape(amsgrad, options), length)).bytes;
}

function append(slab: OpenSlab, parameter: number, first: number, length: number): void {
  const { elements: element, blocks: block } = slab.shape;
  slab.segments.push({ parameter, first, length, element, block });
  slab.shape = extended(slab.shape, length);
}

/** Most elements of one segment that a slab of its own holds. */
function roomOfEmptySlab(amsgrad: boolean, options: PlanOptions): number {
  const shape = emptyShape(amsgrad, options);
  let room = 0;
  // Elements take at least 16 bytes each, so this many never fit.
  let tooMany = Math.ceil(LARGEST_SLAB_BYTES / 16);
  while (tooMany - room > 1) {
    const middle = Math.floor((room + tooMany) / 2);
    if (fits(shape, middle, options.slabBytes)) room = middle;
    else tooMany = middle;
  }
  return room;
}

function refuseUnlessSplit(parameter: PlanParameter, room: number, options: PlanOptions): void {
  if (!options.splitParameters) {
    throw new RangeError(
      `"length" of parameter ${show(parameter.name)}: expected at most ${room} elements in a slab ` +
        `of ${options.slabBytes} bytes, got ${parameter.length}. ` +
        "Allow splitParameters, or raise slabBytes",
    );
  }
  if (room < BLOCK_LENGTH) {
    throw wrongValue(
      "slabBytes",
      "the options",
      `at least ${layoutSlab(extended(emptyShape(parameter.amsgrad, options), BLOCK_LENGTH)).bytes} bytes, room for ${BLOCK_LENGTH} elements`,
      options.slabBytes,
    );
  }
}

/** Byte address of record `index` in a slab's segment table. */
export const recordPtr = (layout: SlabLayout, index: number) => layout.tablePtr + index * SEG_BYTES;
