const MOST = 0x7fff_ffff;

/** The run of memory in which parts lie, whose places in it MPI_Allgatherv can take. */
export interface Span {
  readonly buffer: ArrayBufferLike;
  readonly start: number;
  readonly length: number;
}

/** Where parts lie in one buffer, close enough for int32; null for others. */
export function spanOf(parts: readonly Uint8Array[]): Span | null {
  const { buffer } = parts[0];
  if (parts.some((part) => part.buffer !== buffer)) return null;
  const start = Math.min(...parts.map(({ byteOffset }) => byteOffset));
  const end = Math.max(...parts.map(({ byteOffset, length }) => byteOffset + length));
  return end - start > MOST ? null : { buffer, start, length: end - start };
}
