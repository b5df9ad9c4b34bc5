import { AshlarError } from "../errors.ts";
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
   * @param bytes  a multiple of the page size
   * @param shared whether workers will see it too
   * @throws AshlarError OUT_OF_MEMORY
   */
  static allocate(bytes: number, shared: boolean): SlabMemory {
    const pages = bytes / PAGE_BYTES;
    try {
      return new SlabMemory(new WebAssembly.Memory({ initial: pages, maximum: pages, shared }));
    } catch (cause) {
      throw new AshlarError(
        "OUT_OF_MEMORY",
        `memory for a slab: expected ${bytes} bytes, got none (${(cause as Error).message}). ` +
          "Dispose other optimizers, or lower slabBytes",
        { cause },
      );
    }
  }

  /** Bytes of the memory as it is now. */
  get byteLength(): number {
    return this.#buffer.byteLength;
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
