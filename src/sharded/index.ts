/**
 * Optimizers over several ranks, each of which holds a shard: docs/sharded.md. The subpath
 * `ashlar/sharded`.
 *
 * @module
 */
export * from "../collectives/index.ts";
export { RankError } from "../errors.ts";
export type { CopyTargets } from "./copy-weights.ts";
export type { ShardingOptions } from "./options.ts";
export { reduceMetrics } from "./reduce-metrics.ts";
export { ShardedAdamW, type ShardedAdamWOptions } from "./sharded-adamw.ts";
export type { OwnedRun, ShardedOptimizer } from "./sharded-optimizer.ts";
