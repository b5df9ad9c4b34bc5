import { BLOCK_LENGTH } from "../../../assembly/layout.ts";

// How a slab's work is cut for several threads. Pure: it depends on the slab alone, not on how many
// threads there are.

/** A piece of a segment, cut at multiples of BLOCK_LENGTH, so that no reduction block is. */
export interface Span {
  /** Index of the segment in its slab. */
  readonly segment: number;
  readonly first: number;
  /** Elements, at least 1. */
  readonly length: number;
}

/** Spans that one thread does in one go. */
export type Chunk = readonly Span[];

const CHUNKS_WANTED = 16;
/** A longer chunk only lets the others wait for it at the end. */
const LONGEST_CHUNK = 65_536;

/** Elements of a chunk where a slab has `elements`. */
function chunkLength(elements: number): number {
  const wanted = Math.ceil(elements / CHUNKS_WANTED / BLOCK_LENGTH) * BLOCK_LENGTH;
  return Math.min(LONGEST_CHUNK, Math.max(BLOCK_LENGTH, wanted));
}

/** Most chunks that `elements` make; spans are at most this many more than there are segments. */
export function mostChunks(elements: number): number {
  return Math.floor(elements / LONGEST_CHUNK) + CHUNKS_WANTED + 2;
}

/** Cuts segments of these lengths into chunks of about equal work. */
export function cutChunks(lengths: readonly number[]): Chunk[] {
  const size = chunkLength(lengths.reduce((sum, length) => sum + length, 0));
  const chunks: Span[][] = [];
  let open: Span[] = [];
  let filled = 0;
  lengths.forEach((length, segment) => {
    for (let first = 0; first < length; first += size) {
      const piece = Math.min(size, length - first);
      open.push({ segment, first, length: piece });
      filled += piece;
      if (filled < size) continue;
      chunks.push(open);
      open = [];
      filled = 0;
    }
  });
  if (open.length > 0) chunks.push(open);
  return chunks;
}
