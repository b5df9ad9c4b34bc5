/**
 * Optimizers over several ranks, each of which holds a shard: docs/sharded.md. The subpath
 * `ashlar/sharded`.
 *
 * @module
 */
export * from "../collectives/index.ts";
export { RankError } from "../errors.ts";
export type { CopyTargets } from "../optimizers/copy-targets.ts";
export { mergeShards } from "./checkpoint/merge-shards.ts";
export type { ShardSource, ShardTarget } from "./checkpoint/places.ts";
export type { ShardingOptions } from "./options.ts";
export type { OwnedRun } from "./owned-run.ts";
export { reduceMetrics } from "./reduce-metrics.ts";
export {
  ShardedAdamW,
  type ShardedAdamWLoadOptions,
  type ShardedAdamWOptions,
} from "./sharded-adamw.ts";
export type { ShardedOptimizer } from "./sharded-optimizer.ts";
