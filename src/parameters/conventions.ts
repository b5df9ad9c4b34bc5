import type { LayerRank } from "./families/ids.ts";

/** The published schemes of layer-wise learning-rate decay. */
export type DecayConvention = "beit" | "paddle" | "timm" | "electra" | "paddle-doc";

/** How a scheme turns a layer's rank into the exponent of the rate; n blocks, ids as in LayerRank. */
export interface Convention {
  /** The norm after the last block learns with that block, not with the head. */
  readonly normWithLastBlock: boolean;
  /** Integer >= 0; 0 is the full rate. */
  readonly exponent: (rank: LayerRank) => number;
}

/** The top block decays by `gap` powers, each layer below by one more; above the blocks none. */
function fromTheTopBlock(gap: number): Convention["exponent"] {
  return ({ id, blocks }) => (id > blocks ? 0 : blocks - id + gap);
}

/**
 * All disagreements are about the top: what the last block's exponent is, and where the norm after
 * it belongs.
 *
 * - `beit`: rate^(n+1-id), so the last block has rate^1. BEiT's `optim_factory.py`, MAE's `lr_decay.py`.
 * - `paddle`: the same numbers, what PaddleNLP's `adamwdl.py` computes.
 * - `timm`: rate^(L-id) with L the largest id that occurs, so without a head the last block has the
 *   full rate. timm's `param_groups_layer_decay`.
 * - `electra`: rate^(n+2-id), the head at the full rate: ELECTRA's `optimization.py`, one power lower
 *   than its paper says.
 * - `paddle-doc`: the last block has the full rate, as the docstring of `adamwdl.py` says.
 */
export const conventions: Readonly<Record<DecayConvention, Convention>> = Object.freeze({
  beit: { normWithLastBlock: false, exponent: fromTheTopBlock(1) },
  paddle: { normWithLastBlock: false, exponent: fromTheTopBlock(1) },
  timm: { normWithLastBlock: true, exponent: ({ id, top }) => top - id },
  electra: { normWithLastBlock: false, exponent: fromTheTopBlock(2) },
  "paddle-doc": { normWithLastBlock: false, exponent: fromTheTopBlock(0) },
});
