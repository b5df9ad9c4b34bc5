import { AshlarError } from "../errors.ts";
import type { LinearMemory } from "./kernel.ts";
import { PAGE_BYTES } from "./slab-layout.ts";

/**
 * One WebAssembly memory and the only maker of views on it. Each call makes a view of the buffer
 * that the memory has now: a view made earlier is dead once a memory has grown.
 */
export class SlabMemory {
  readonly memory: LinearMemory;

  /**
   * @param bytes a multiple of the page size
   * @throws AshlarError OUT_OF_MEMORY
   */
  constructor(bytes: number) {
    const pages = bytes / PAGE_BYTES;
    try {
      this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    } catch (cause) {
      throw new AshlarError(
        "OUT_OF_MEMORY",
        `memory for a slab: expected ${bytes} bytes, got none (${(cause as Error).message}). ` +
          "Dispose other optimizers, or lower slabBytes",
        { cause },
      );
    }
  }

  float32(ptr: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#buffer, ptr, length);
  }

  float64(ptr: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#buffer, ptr, length);
  }

  uint16(ptr: number, length: number): Uint16Array<ArrayBuffer> {
    return new Uint16Array(this.#buffer, ptr, length);
  }

  uint32(ptr: number, length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#buffer, ptr, length);
  }

  uint8(ptr: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer, ptr, length);
  }

  get #buffer(): ArrayBuffer {
    return this.memory.buffer as ArrayBuffer;
  }
}
