import { OutOfMemoryError } from "../errors.ts";
import type { LinearMemory } from "./kernel.ts";
import { PAGE_BYTES } from "./slab-layout.ts";

/**
 * One WebAssembly memory and the only maker of views on it. Each call makes a view of the buffer
 * that the memory has now: a view made earlier is dead once a memory has grown.
 */
export class SlabMemory {
  readonly memory: LinearMemory;

  constructor(memory: LinearMemory) {
    this.memory = memory;
  }

  /**
   * All of them or none.
   *
   * @param sizes  bytes of each, multiples of the page size
   * @param shared whether workers will see them too
   * @throws OutOfMemoryError
   */
  static allocate(sizes: readonly number[], shared: boolean): SlabMemory[] {
    const memories: SlabMemory[] = [];
    let available = 0;
    for (const bytes of sizes) {
      const pages = bytes / PAGE_BYTES;
      try {
        memories.push(
          new SlabMemory(new WebAssembly.Memory({ initial: pages, maximum: pages, shared })),
        );
      } catch (cause) {
        const asked = sizes.reduce((sum, size) => sum + size, 0);
        const what = sizes.length === 1 ? "a slab" : `${sizes.length} slabs`;
        throw new OutOfMemoryError(what, asked, available, cause, "Dispose other optimizers");
      }
      available += bytes;
    }
    return memories;
  }

  /** Bytes of the memory as it is now. */
  get byteLength(): number {
    return this.#buffer.byteLength;
  }

  /** Whether a buffer is that of this memory. */
  owns(buffer: ArrayBufferLike): boolean {
    return buffer === this.#buffer;
  }

  float32(ptr: number, length: number): Float32Array {
    return new Float32Array(this.#buffer, ptr, length);
  }

  float64(ptr: number, length: number): Float64Array {
    return new Float64Array(this.#buffer, ptr, length);
  }

  uint16(ptr: number, length: number): Uint16Array {
    return new Uint16Array(this.#buffer, ptr, length);
  }

  uint32(ptr: number, length: number): Uint32Array {
    return new Uint32Array(this.#buffer, ptr, length);
  }

  uint8(ptr: number, length: number): Uint8Array {
    return new Uint8Array(this.#buffer, ptr, length);
  }

  bigUint64(ptr: number, length: number): BigUint64Array {
    return new BigUint64Array(this.#buffer, ptr, length);
  }

  int32(ptr: number, length: number): Int32Array {
    return new Int32Array(this.#buffer, ptr, length);
  }

  get #buffer(): ArrayBufferLike {
    return this.memory.buffer;
  }
}
