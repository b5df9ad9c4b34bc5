import type { LoadSource } from "../state/sources/open-source.ts";
import { warnOfNoLayers } from "./adamw-dl-layers.ts";
import { type AdamWDLOptions, readAdamWDL } from "./adamw-dl-options.ts";
import type { LoadOptions } from "./checkpoint/load-options.ts";
import { Optimizer } from "./optimizer.ts";
import { ADAMW_DL_SCALARS } from "./scalars-adamw-dl.ts";

/** Options of AdamWDL that are to be other ones than the checkpoint's. */
export interface AdamWDLLoadOptions extends Partial<AdamWDLOptions>, LoadOptions {}

const SAVED_ADAMW_DL = {
  name: "AdamWDL",
  rates: {
    lr: ["learningRate"],
    weightDecay: ["weightDecay"],
    betas: ["beta1", "beta2"],
    eps: ["epsilon"],
  },
  groups: false,
};

/**
 * PaddleNLP's AdamWDL: AdamW with a learning rate for every layer. A recipe ports line by line,
 * with the original's option names in camelCase; docs/semantics.md, "The named optimizers", lists
 * what differs.
 *
 * Source: paddlenlp/ops/optimizer/adamwdl.py; paddle.optimizer.AdamW.
 */
export class AdamWDL extends Optimizer {
  /**
   * Makes an optimizer at once; needs the core to be compiled, as `AdamW` does. Warns on the console
   * where `layerwiseDecay` meets names in which `layerwiseLrDecay` finds no layer.
   *
   * @throws TypeError for a wrong kind, RangeError for a wrong value, before anything is allocated;
   *   AshlarError NOT_READY, OUT_OF_MEMORY
   */
  constructor(options: AdamWDLOptions) {
    const { settings, members, layerRule, creation } = readAdamWDL(options);
    super({
      className: "AdamWDL",
      counting: "parameter",
      members,
      creation,
      settings,
      scalars: ADAMW_DL_SCALARS[settings.arithmetic],
    });
    warnOfNoLayers(layerRule, this.parameterNames);
  }

  /** Compiles the core if need be, then makes an optimizer. See the constructor. */
  static async create(options: AdamWDLOptions): Promise<AdamWDL> {
    return Optimizer.prepared(options, () => new this(options));
  }

  /** Makes an optimizer that goes on from a checkpoint of `save`: see `AdamW.load`. */
  static async load(source: LoadSource, options: AdamWDLLoadOptions = {}): Promise<AdamWDL> {
    return Optimizer.loaded(source, options, SAVED_ADAMW_DL, ({ parameters, options }) => {
      return new this({ ...options, parameters: parameters as AdamWDLOptions["parameters"] });
    });
  }
}
