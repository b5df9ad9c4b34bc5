import type { Slabs } from "../core/slabs.ts";
import { rowLengthOf } from "../gradients/gradient.ts";
import { gatherRows } from "../gradients/scatter-rows.ts";
import { rowValues } from "../gradients/sparse-rows.ts";
import type { Active } from "../optimizers/active.ts";
import { crc32 } from "../state/crc32.ts";
import type { AppendedFile } from "./appended-file.ts";
import { ENTRY_BYTES, HEAD_BYTES, KIND, MAGIC, RECORD } from "./gradient-file.ts";

/** Bytes that are copied at a time: a file system may not take shared memory. */
const CHUNK_BYTES = 1 << 20;

/** Writes the gradients of steps as they are given, before anything passes over them. */
export class GradientWriter {
  readonly #file: AppendedFile;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  /** Bytes in the chunk. */
  #filled = 0;
  /** Where the chunk goes. */
  #at: number;
  #crc = 0;
  /** Where the records end that count. */
  #end: number;

  /** @param file new and empty */
  constructor(file: AppendedFile) {
    this.#file = file;
    file.write(MAGIC, 0);
    this.#at = MAGIC.length;
    this.#end = MAGIC.length;
  }

  /**
   * Writes the gradients of step k. They count once `keep` is called: the next step overwrites those
   * of one that was refused.
   *
   * @param ordered in the order of the names
   * @param places  index of each parameter in the order of the names, by its own
   */
  write(slabs: Slabs, ordered: readonly Active[], places: Uint32Array, k: number): void {
    this.#at = this.#end;
    this.#crc = 0;
    this.#put(bytesOfView(headOf(ordered, places, k)));
    for (const active of ordered) this.#putGradient(slabs, active);
    this.#drain();
    this.#put(bytesOfView(Uint32Array.of(this.#crc)));
    this.#drain();
  }

  /** The step was applied or skipped. */
  keep(): void {
    this.#end = this.#at;
  }

  flush(): void {
    this.#file.sync();
  }

  close(): void {
    this.#file.truncate(this.#end);
    this.#file.close();
  }

  #putGradient(slabs: Slabs, { entry, rows, half }: Active): void {
    if (rows) {
      const from = slabs.runsOf(entry.index, "grad");
      this.#put(bytesOfView(rows));
      const rowLength = rowLengthOf(entry.shape);
      const { values } = gatherRows(from, rows, rowLength, rowValues(rows.length * rowLength));
      this.#put(bytesOfView(values));
      return;
    }
    for (const part of slabs.partsOf(entry.index)) {
      this.#put(bytesOfView(half ? slabs.gradient16(part) : slabs.floats(part, "grad")));
    }
    if (half && entry.length % 2 === 1) this.#put(new Uint8Array(2));
  }

  #put(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const piece = bytes.subarray(from, from + CHUNK_BYTES - this.#filled);
      this.#chunk.set(piece, this.#filled);
      this.#filled += piece.length;
      from += piece.length;
      if (this.#filled === CHUNK_BYTES) this.#drain();
    }
  }

  #drain(): void {
    const bytes = this.#chunk.subarray(0, this.#filled);
    // First: after a write that fails, nothing of this record is left for the next one.
    this.#filled = 0;
    this.#crc = crc32(bytes, this.#crc);
    this.#file.write(bytes, this.#at);
    this.#at += bytes.length;
  }
}

const bytesOfView = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** What stands before the elements. */
function headOf(ordered: readonly Active[], places: Uint32Array, k: number): DataView {
  const view = new DataView(new ArrayBuffer(HEAD_BYTES + ENTRY_BYTES * ordered.length));
  view.setUint32(0, RECORD, true);
  view.setUint32(
    4,
    ordered.reduce((most, { microBatches }) => Math.max(most, microBatches), 1),
    true,
  );
  view.setFloat64(8, k, true);
  view.setUint32(16, ordered.length, true);
  ordered.forEach(({ entry, rows, half }, i) => {
    const at = HEAD_BYTES + ENTRY_BYTES * i;
    const elements = rows ? rows.length * rowLengthOf(entry.shape) : entry.length;
    view.setUint32(at, places[entry.index], true);
    view.setUint32(at + 4, rows ? KIND.rows : half ? KIND.half : KIND.dense, true);
    view.setUint32(at + 8, rows?.length ?? 0, true);
    view.setUint32(at + 12, elements, true);
  });
  return view;
}
