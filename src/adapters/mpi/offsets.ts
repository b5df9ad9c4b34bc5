const MOST = 0x7fff_ffff;

/** Where the parts of a run of memory lie, for MPI_Allgatherv. */
export interface Offsets {
  /** From the first byte of any part to the last. */
  readonly base: Uint8Array;
  /** Where each part begins in it. */
  readonly starts: Int32Array;
}

/** The offsets of parts that lie in one buffer, close enough for int32; null for others. */
export function offsetsOf(parts: readonly Uint8Array[]): Offsets | null {
  const { buffer } = parts[0] as Uint8Array;
  if (parts.some((part) => part.buffer !== buffer)) return null;
  const first = Math.min(...parts.map(({ byteOffset }) => byteOffset));
  const end = Math.max(...parts.map(({ byteOffset, length }) => byteOffset + length));
  if (end - first > MOST) return null;
  return {
    base: new Uint8Array(buffer, first, end - first),
    starts: Int32Array.from(parts, ({ byteOffset }) => byteOffset - first),
  };
}
