import type { ByteSink } from "../bytes.ts";
import { crc32 } from "../crc32.ts";
import type { Progress } from "../progress.ts";
import { newChunk } from "../safetensors/read-bytes.ts";

/** The bytes of a view of any kind. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Writes through one chunk of its own. Sinks get memory that nothing else writes to, is no
 * SharedArrayBuffer (which many storages refuse) and stays while WebAssembly memory grows.
 */
export class ChunkWriter {
  readonly #sink: ByteSink;
  readonly #total: number;
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  readonly #chunk: Uint8Array;
  /** Bytes that wait in the chunk. */
  #filled = 0;
  #written = 0;

  constructor(sink: ByteSink, total: number, onProgress?: (progress: Progress) => void) {
    this.#sink = sink;
    this.#total = total;
    this.#onProgress = onProgress;
    this.#chunk = newChunk(total);
  }

  /** Writes bytes that are the caller's own, before all others. */
  async writeWhole(bytes: Uint8Array): Promise<void> {
    await this.#sink.write(bytes);
    this.#advance(bytes.length);
  }

  /** Copies a view's bytes, and returns the CRC of the copy, which continues `crc`. */
  async copy(view: ArrayBufferView, crc: number): Promise<number> {
    const { byteLength } = view;
    let sum = crc;
    let at = 0;
    while (at < byteLength) {
      if (this.#filled === this.#chunk.length) await this.flush();
      // A view of memory that has grown meanwhile is empty: the CRC will tell.
      if (view.byteLength !== byteLength) break;
      const count = Math.min(this.#chunk.length - this.#filled, byteLength - at);
      const copy = this.#chunk.subarray(this.#filled, this.#filled + count);
      copy.set(bytesOf(view).subarray(at, at + count));
      sum = crc32(copy, sum);
      this.#filled += count;
      at += count;
    }
    return sum;
  }

  async flush(): Promise<void> {
    const count = this.#filled;
    if (count === 0) return;
    await this.#sink.write(this.#chunk.subarray(0, count));
    this.#filled = 0;
    this.#advance(count);
  }

  #advance(count: number): void {
    this.#written += count;
    this.#onProgress?.({ bytes: this.#written, total: this.#total });
  }
}
