import type { ByteReader, ByteSink } from "../../src/state/bytes.ts";

// Storage in memory, as plain as can be.

/** A sink that keeps what it gets. */
export interface MemorySink extends ByteSink {
  /** A copy of each array written. */
  readonly writes: readonly Uint8Array<ArrayBuffer>[];
  bytes(): Uint8Array<ArrayBuffer>;
}

/**
 * @param afterWrite  called when bytes were taken, with the array that its writer uses again
 */
export function memorySink(afterWrite?: (bytes: Uint8Array) => void): MemorySink {
  const writes: Uint8Array<ArrayBuffer>[] = [];
  return {
    writes,
    bytes: () => concatenated(writes),
    async write(bytes) {
      writes.push(Uint8Array.from(bytes));
      afterWrite?.(bytes);
    },
    async close() {},
    async abort() {},
  };
}

/** A reader of bytes in memory, and the most that was asked for at once. */
export interface MemoryReader extends ByteReader {
  readonly mostAsked: number;
  /** Bytes passed so far. */
  readonly at: number;
  readonly skipped: number;
}

/** @param known  whether the reader says its size */
export function memoryReader(
  bytes: Uint8Array,
  known = true,
  beforeRead?: () => void,
): MemoryReader {
  let at = 0;
  let mostAsked = 0;
  let skipped = 0;
  return {
    size: known ? bytes.length : null,
    get mostAsked() {
      return mostAsked;
    },
    get at() {
      return at;
    },
    get skipped() {
      return skipped;
    },
    async read(into) {
      beforeRead?.();
      mostAsked = Math.max(mostAsked, into.length);
      const piece = bytes.subarray(at, at + into.length);
      into.set(piece);
      at += piece.length;
      return piece.length;
    },
    async skip(count) {
      const passed = Math.min(count, bytes.length - at);
      at += passed;
      skipped += passed;
      return passed;
    },
    async close() {},
  };
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
