import { BLOCK_LENGTH } from "../../assembly/layout.ts";
import type { PlanRun } from "../core/plan.ts";

// Pure planning: which rank owns which elements, and where every parameter lies in the memories that
// hold all of them. All ranks come to the same plan.

/** Some elements of a parameter, where they lie in the planes of all parameters. */
export interface ShardRun extends PlanRun {
  /** Index of the parameter. */
  readonly parameter: number;
  /** Element of its memory's planes where the run begins. */
  readonly offset: number;
}

/** What one rank owns of one bucket: runs that lie one after the other. */
export interface Slice {
  /** Index of the memory. */
  readonly memory: number;
  /** Elements of that memory's planes; what lies between two runs belongs to nobody, and is 0. */
  readonly start: number;
  readonly end: number;
  readonly runs: readonly ShardRun[];
}

export interface Place {
  readonly memory: number;
  /** Element of the memory's planes where the parameter begins. */
  readonly offset: number;
}

export interface ShardPlan {
  /** Where each parameter lies. */
  readonly places: readonly Place[];
  /** Elements of each memory's planes. */
  readonly memories: readonly number[];
  /** By rank: what it owns of each bucket, ascending. Ranks may have fewer buckets than others. */
  readonly shards: readonly (readonly Slice[])[];
  /** The most buckets that a rank has. */
  readonly buckets: number;
}

export interface ShardPlanOptions {
  readonly ranks: number;
  /** Most elements of a slice; at least BLOCK_LENGTH. */
  readonly bucketLength: number;
  /** Most elements of a memory's planes. */
  readonly memoryLength: number;
}

/** Parameters begin at cache lines, also in planes of 16-bit elements. */
const ALIGNMENT = 32;
const aligned = (length: number) => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

/**
 * Gives each rank as many elements as the others, in the order of the parameters: the boundary after
 * rank r is at (r + 1) / ranks of all elements, moved on to the next multiple of BLOCK_LENGTH of the
 * parameter that it falls into, so that no block of a reduction is cut.
 *
 * @param lengths elements of each parameter; none above memoryLength
 */
export function planShards(lengths: readonly number[], options: ShardPlanOptions): ShardPlan {
  const { places, memories } = placeAll(lengths, options.memoryLength);
  const shards = runsByRank(lengths, options.ranks).map((runs) =>
    intoSlices(
      runs.map((run) => ({ ...run, offset: places[run.parameter].offset + run.first })),
      places,
      options.bucketLength,
    ),
  );
  const buckets = shards.reduce((most, slices) => Math.max(most, slices.length), 0);
  return { places, memories, shards, buckets };
}

function placeAll(lengths: readonly number[], memoryLength: number) {
  const places: Place[] = [];
  const memories: number[] = [];
  for (const length of lengths) {
    const last = memories.length - 1;
    const offset = aligned(memories[last] ?? 0);
    if (last >= 0 && offset + length <= memoryLength) {
      places.push({ memory: last, offset });
      memories[last] = offset + length;
    } else {
      places.push({ memory: memories.length, offset: 0 });
      memories.push(length);
    }
  }
  return { places, memories };
}

type OwnedRun = Omit<ShardRun, "offset">;

function runsByRank(lengths: readonly number[], ranks: number): OwnedRun[][] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const shards: OwnedRun[][] = Array.from({ length: ranks }, () => []);
  let rank = 0;
  let before = 0;
  lengths.forEach((length, parameter) => {
    let first = 0;
    while (first < length) {
      // A boundary may have passed by before this parameter, or at its very start.
      while (rank < ranks - 1 && boundary(rank, ranks, total) - before <= first) rank++;
      const end = rank === ranks - 1 ? length : cut(boundary(rank, ranks, total) - before, length);
      shards[rank].push({ parameter, first, length: end - first });
      first = end;
    }
    before += length;
  });
  return shards;
}

/** Elements of all ranks up to this one, before it is moved to a block's edge. */
const boundary = (rank: number, ranks: number, total: number) => ((rank + 1) * total) / ranks;

/** The first edge of a block at or after an element, or the end. */
const cut = (element: number, length: number) =>
  Math.min(length, Math.ceil(element / BLOCK_LENGTH) * BLOCK_LENGTH);

/** Cuts what a rank owns into slices: each of one memory, and at most so many elements long. */
function intoSlices(
  runs: readonly ShardRun[],
  places: readonly Place[],
  bucketLength: number,
): Slice[] {
  const slices: { memory: number; start: number; end: number; runs: ShardRun[] }[] = [];
  for (const run of runs) {
    const { memory } = places[run.parameter];
    let rest = run;
    while (rest.length > 0) {
      const slice = slices.at(-1);
      const room = slice?.memory === memory ? slice.start + bucketLength - rest.offset : 0;
      const fits = rest.length <= room ? rest.length : room - (room % BLOCK_LENGTH);
      // A slice is begun anew where not even a block has room.
      const isNew = slice === undefined || fits <= 0;
      const length = isNew ? Math.min(rest.length, wholeBlocks(bucketLength)) : fits;
      const taken = { ...rest, length };
      const end = taken.offset + length;
      if (isNew) slices.push({ memory, start: taken.offset, end, runs: [taken] });
      else {
        slice.runs.push(taken);
        slice.end = end;
      }
      rest = {
        ...rest,
        first: rest.first + length,
        offset: end,
        length: rest.length - length,
      };
    }
  }
  return slices;
}

const wholeBlocks = (length: number) => length - (length % BLOCK_LENGTH);
