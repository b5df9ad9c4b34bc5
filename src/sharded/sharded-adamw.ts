import type { Collective } from "../collectives/collective.ts";
import { adamwBlueprint } from "../optimizers/adamw.ts";
import type { AdamWGroup, AdamWOptions } from "../optimizers/options.ts";
import type { NamedParameters } from "../parameters/named.ts";
import { optionObject } from "../validate.ts";
import { readSharding, type ShardingOptions } from "./options.ts";
import { ShardedOptimizer } from "./sharded-optimizer.ts";

/** Options of ShardedAdamW: AdamW's, and how ranks work together. */
export interface ShardedAdamWOptions extends AdamWOptions, ShardingOptions {}

/**
 * AdamW over several ranks (ZeRO-1): each holds the master weights and moments of its shard, and
 * gradients are summed over all. N ranks give the bits of one `AdamW` that accumulates their N
 * micro-batches in the order of the ranks.
 *
 * Source: Rajbhandari et al. 2020, "ZeRO: Memory Optimizations Toward Training Trillion Parameter
 * Models", P_os. Memory of a rank: 16 bytes an element of its shard, and 8 (6 with a 16-bit model copy)
 * an element of all.
 */
export class ShardedAdamW extends ShardedOptimizer {
  /**
   * Makes the optimizer on all ranks, with the same parameters, data and options on each.
   *
   * @param collective the ranks, this one among them
   * @param parameters as AdamW takes them, whole, on every rank
   * @throws as AdamW.create; RangeError for options that need whole rows or several threads; RankError
   *   RANKS_DIFFER where ranks were given other things, RANK_LOST
   */
  static async create(
    collective: Collective,
    parameters: NamedParameters | Iterable<AdamWGroup>,
    options: ShardedAdamWOptions = {},
  ): Promise<ShardedAdamW> {
    const { sharding, rest } = readSharding(optionObject(options, "options", "ShardedAdamW"));
    return ShardedOptimizer.agreed(
      () => new this(collective, adamwBlueprint(parameters, rest), sharding),
    );
  }
}
