import { BLOCK_LENGTH } from "../../assembly/layout.ts";
import type { Reduction } from "../collectives/collective.ts";
import { mismatch, show, wrongValue } from "../errors.ts";
import type { Entry } from "../optimizers/entry.ts";
import type { Settings } from "../optimizers/settings.ts";
import { flag, oneOf, wholeNumberBetween } from "../validate.ts";

/** Options of every sharded optimizer, beside those of its family member. */
export interface ShardingOptions {
  /**
   * "ordered" (default): gradients are summed in the order of the ranks, so that N ranks give the bits
   * of one process that sums their N micro-batches in that order. "fast": as the engine likes.
   */
  readonly reduction?: Reduction;
  /** Divide the sums by the number of micro-batches of all ranks together. Default false. */
  readonly average?: boolean;
  /**
   * Most bytes of float32 gradients that a rank gets of one bucket: while one travels, another is
   * worked on. The bits do not depend on it. Default 4 MiB.
   */
  readonly bucketBytes?: number;
}

export interface Sharding {
  readonly reduction: Reduction;
  readonly average: boolean;
  /** Elements of a slice. */
  readonly bucketLength: number;
}

export const SHARDING_KEYS = ["reduction", "average", "bucketBytes"] as const;

const REDUCTIONS = ["ordered", "fast"] as const;
const BUCKET_BYTES = 4_194_304; // 2^22
const LEAST_BUCKET_BYTES = 4 * BLOCK_LENGTH;
const MOST_BUCKET_BYTES = 1_073_741_824; // 2^30

/** Takes the sharding options apart from those of the family member. */
export function readSharding(options: Readonly<Record<string, unknown>>): {
  sharding: Sharding;
  rest: Record<string, unknown>;
} {
  const where = "the options";
  const { reduction = "ordered", average = false, bucketBytes = BUCKET_BYTES, ...rest } = options;
  wholeNumberBetween(bucketBytes, LEAST_BUCKET_BYTES, MOST_BUCKET_BYTES, "bucketBytes", where);
  const sharding = {
    reduction: oneOf(reduction, REDUCTIONS, "reduction", where),
    average: flag(average, "average", where),
    bucketLength: Math.floor((bucketBytes as number) / 4),
  };
  return { sharding, rest };
}

/**
 * Refuses what needs more of a parameter at once than a rank has.
 *
 * @throws RangeError
 */
export function requireShardable(settings: Settings, entries: readonly Entry[]): void {
  const where = "the options";
  if (settings.threads !== 1) {
    const remedy = "Start a rank for each core";
    throw wrongValue("threads", where, "1 where ranks share the work", settings.threads, remedy);
  }
  if (settings.lazy) {
    throw wrongValue("lazy", where, "false: rows are made dense before ranks sum them", true);
  }
  for (const { name, clip, paramGroup } of entries) {
    const what = paramGroup.centralize ? "centralize" : clip?.kind === "adaptive" ? "clip" : null;
    if (what === null) continue;
    const got = what === "clip" ? "an adaptive one" : "true";
    throw new RangeError(
      mismatch(
        what,
        `parameter ${show(name)}`,
        "what works element by element or by norms of whole gradients",
        got,
        "Rows may lie on several ranks",
      ),
    );
  }
}
