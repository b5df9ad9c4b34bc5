import type { Part } from "../core/slab.ts";
import type { Slabs } from "../core/slabs.ts";
import type { ShardPlan, Slice } from "./shard-plan.ts";

/** A part of the shard's slabs, and where it lies in its slice. */
export interface BucketPart {
  /** Index of the parameter. */
  readonly parameter: number;
  readonly part: Part;
  /** Element of the slice that it begins with. */
  readonly offset: number;
}

/** What travels together: a slice of each rank. */
export interface Bucket {
  /** By rank; null where a rank has none. */
  readonly slices: readonly (Slice | null)[];
  /** What this rank owns of it. */
  readonly own: Slice | null;
  readonly parts: readonly BucketPart[];
}

/** The buckets of a plan, as one rank sees them. */
export function bucketsOf({ shards, buckets }: ShardPlan, rank: number, slabs: Slabs): Bucket[] {
  return Array.from({ length: buckets }, (_, index) => {
    const slices = shards.map((slices) => slices[index] ?? null);
    const own = slices[rank];
    return { slices, own, parts: own ? partsOf(own, slabs) : [] };
  });
}

/** A run may lie in several slabs, and so be several parts. */
function partsOf({ runs, start }: Slice, slabs: Slabs): BucketPart[] {
  return runs.flatMap(({ parameter, first, length, offset }) =>
    slabs
      .partsOf(parameter)
      .filter(({ segment }) => segment.first >= first && segment.first < first + length)
      .map((part) => ({ parameter, part, offset: offset - start + part.segment.first - first })),
  );
}
