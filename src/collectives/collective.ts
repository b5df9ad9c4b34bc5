/**
 * How sums over ranks are made. "ordered": ((g0 + g1) + g2) + ..., each sum rounded once, by whoever
 * and wherever: the bits of one process that adds the ranks' values in that order. "fast": by the
 * engine's own algorithm, whose order may be another one.
 */
export type Reduction = "ordered" | "fast";

/**
 * The ranks of a run, and what they do together: processes, threads or pages, over whatever engine
 * carries their bytes. Membership, transport and delivery are the engine's.
 *
 * All ranks make the same calls in the same order; a call may be made before the one before it has
 * resolved. Ranges are read and written until it has: they must not lie in memory that grows meanwhile.
 * Byte lengths agree on all ranks: what one rank calls `parts[r]` is as long on each.
 *
 * Where a rank is lost each call that is under way on any other rank rejects with a RankError
 * RANK_LOST that names it, and so does every later one.
 */
export interface Collective {
  /** This rank: 0 to size - 1. */
  readonly rank: number;
  /** How many ranks there are. */
  readonly size: number;

  /**
   * Gives every rank the parts of all.
   *
   * @param parts size ranges, where each rank's part belongs here; parts[rank] is what this one gives.
   *   They may be empty
   */
  allGather(parts: readonly Uint8Array[]): Promise<void>;

  /**
   * Sums float32 values over the ranks, and gives each rank its part of the sums.
   *
   * @param parts size ranges: what this rank adds to the part of each. They may be empty
   * @param into  float32[parts[rank].length]: the sums; apart from all parts
   */
  reduceScatter(
    parts: readonly Float32Array[],
    into: Float32Array,
    reduction: Reduction,
  ): Promise<void>;

  /** Sums float64 values over the ranks, in place: for a few numbers. */
  allReduce(values: Float64Array, reduction: Reduction): Promise<void>;

  /** Gives every rank the bytes of one. */
  broadcast(bytes: Uint8Array, root: number): Promise<void>;

  /** Resolves once every rank has called it. */
  barrier(): Promise<void>;

  /** Leaves. Others that still need this rank get a RankError. Closing again is fine. */
  close(): Promise<void>;
}
