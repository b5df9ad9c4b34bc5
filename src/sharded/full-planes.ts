import { SlabMemory } from "../core/memory.ts";
import { LARGEST_SLAB_BYTES, PAGE_BYTES } from "../core/slab-layout.ts";
import { show, wrongValue } from "../errors.ts";
import type { Dtype } from "../parameters/parameter.ts";
import type { ShardPlan, Slice } from "./shard-plan.ts";

const FLOAT_BYTES = 4;

/** Most elements of a memory, whose planes are a memory each. */
export function memoryLengthOf(slabBytes: number): number {
  return Math.min(slabBytes, LARGEST_SLAB_BYTES) / FLOAT_BYTES;
}

/** @throws RangeError for a parameter that one memory does not hold */
export function requireFitting(
  parameters: readonly { readonly name: string; readonly length: number }[],
  memoryLength: number,
): void {
  for (const { name, length } of parameters) {
    if (length <= memoryLength) continue;
    const expected = `at most ${memoryLength} elements, what a memory of slabBytes holds`;
    throw wrongValue("length", `parameter ${show(name)}`, expected, length);
  }
}

/** The weights and gradients of all parameters, as this rank's model reads and writes them. */
export class FullPlanes {
  readonly #plan: ShardPlan;
  readonly #model: Dtype;
  #weights: SlabMemory[];
  #gradients: SlabMemory[];

  /** @throws OutOfMemoryError */
  constructor(plan: ShardPlan, model: Dtype) {
    this.#plan = plan;
    this.#model = model;
    const sizes = (elementBytes: number) =>
      plan.memories.map(
        (length) => Math.max(1, Math.ceil((length * elementBytes) / PAGE_BYTES)) * PAGE_BYTES,
      );
    this.#weights = SlabMemory.allocate(sizes(this.#weightBytes), false);
    this.#gradients = SlabMemory.allocate(sizes(FLOAT_BYTES), false);
  }

  /** A fresh view of a parameter's gradient. float32[length] */
  gradient(parameter: number, length: number): Float32Array {
    const { memory, offset } = this.#plan.places[parameter];
    return this.#gradients[memory].float32(offset * FLOAT_BYTES, length);
  }

  /** A fresh view of a parameter's weights, or the bits of its model copy. */
  weights(parameter: number, length: number): Float32Array | Uint16Array {
    const { memory, offset } = this.#plan.places[parameter];
    return this.#weightsAt(memory, offset, length);
  }

  /** The gradients of a slice. float32[slice.end - slice.start] */
  gradientsOf({ memory, start, end }: Slice): Float32Array {
    return this.#gradients[memory].float32(start * FLOAT_BYTES, end - start);
  }

  /** The weights of a slice, or the bits of their model copies. */
  weightsOf({ memory, start, end }: Slice): Float32Array | Uint16Array {
    return this.#weightsAt(memory, start, end - start);
  }

  /** Whether a buffer is that of one of these memories. */
  owns(buffer: ArrayBufferLike): boolean {
    return [...this.#weights, ...this.#gradients].some((memory) => memory.owns(buffer));
  }

  zeroGradients(): void {
    for (const memory of this.#gradients) memory.uint8(0, memory.byteLength).fill(0);
  }

  /** Bytes of all memories. */
  get bytes(): number {
    return [...this.#weights, ...this.#gradients].reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    );
  }

  /** Lets go of all memory. */
  release(): void {
    this.#weights = [];
    this.#gradients = [];
  }

  get #weightBytes(): number {
    return this.#model === "float32" ? FLOAT_BYTES : 2;
  }

  #weightsAt(memory: number, element: number, length: number): Float32Array | Uint16Array {
    const of = this.#weights[memory];
    const ptr = element * this.#weightBytes;
    return this.#model === "float32" ? of.float32(ptr, length) : of.uint16(ptr, length);
  }
}
