import type { Collective } from "../collectives/collective.ts";
import { type AdamWLoadOptions, adamwBlueprint, SAVED_ADAMW } from "../optimizers/adamw.ts";
import type { AdamWGroup, AdamWOptions } from "../optimizers/options.ts";
import type { NamedParameters } from "../parameters/named.ts";
import { optionObject } from "../validate.ts";
import type { ShardSource } from "./checkpoint/places.ts";
import { readSharding, type ShardingOptions } from "./options.ts";
import { ShardedOptimizer } from "./sharded-optimizer.ts";

/** Options of ShardedAdamW: AdamW's, and how ranks work together. */
export interface ShardedAdamWOptions extends AdamWOptions, ShardingOptions {}

/** Options of ShardedAdamW that are to be other ones than the checkpoint's. */
export interface ShardedAdamWLoadOptions extends AdamWLoadOptions, ShardingOptions {}

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
    const what = "ShardedAdamW.create";
    return ShardedOptimizer.agreed(collective, what, () => {
      const { sharding, rest } = readSharding(optionObject(options, "options", what));
      return new this(collective, adamwBlueprint(parameters, rest), sharding);
    });
  }

  /**
   * Makes an optimizer on all ranks that goes on from a checkpoint of `save`, with the same bits,
   * however many ranks wrote it; or from one of a single AdamW. As AdamW.load in all else: what is named
   * in the options wins, and functions of the caller's must be given again.
   *
   * @param source the folder that was saved to (Node, Deno, Bun), the path of its index, or a function
   *   that says for a file's name where it comes from; of a single AdamW whatever AdamW.load takes. Each
   *   rank reads the index, and those shards that it needs something of
   * @param collective the ranks, this one among them
   * @throws CheckpointError for files that are missing, damaged, not of one save, of another class or
   *   of other parameters; TypeError, RangeError for options; RankError RANKS_DIFFER where another rank
   *   failed or has another checkpoint or other options, RANK_LOST
   */
  static async load(
    source: ShardSource,
    collective: Collective,
    options: ShardedAdamWLoadOptions = {},
  ): Promise<ShardedAdamW> {
    return ShardedOptimizer.loaded(
      source,
      collective,
      options,
      SAVED_ADAMW,
      ({ parameters, options }, sharding) =>
        new this(
          collective,
          adamwBlueprint(parameters as NamedParameters, options as AdamWOptions),
          sharding,
        ),
    );
  }
}
