import type { StepScalars } from "../core/step-scalars.ts";
import type { NamedParameters } from "../parameters/named.ts";
import type { LoadSource } from "../state/sources/open-source.ts";
import type { LoadOptions } from "./checkpoint/load-options.ts";
import {
  type AllReduce,
  distReduceMetrics,
  type Metrics,
  preReduceMetrics,
} from "./decoupled-adamw-metrics.ts";
import {
  type DecoupledAdamWGroup,
  type DecoupledAdamWOptions,
  decoupledGroup,
  readDecoupled,
  warnOfHighDecay,
} from "./decoupled-adamw-options.ts";
import {
  type DecoupledFunctionalOptions,
  type FunctionalStates,
  readDecoupledFunctional,
  updateTensors,
} from "./functional.ts";
import { readTensors } from "./functional-tensors.ts";
import { Optimizer } from "./optimizer.ts";
import type { ScalarInputs } from "./scalars.ts";
import { decayFactor, decoupledScalars } from "./scalars-decoupled.ts";

/** Options of DecoupledAdamW that are to be other ones than the checkpoint's. */
export interface DecoupledAdamWLoadOptions extends DecoupledAdamWOptions, LoadOptions {
  /** Names and shapes, in groups or not. Default: as the checkpoint has them. */
  readonly parameters?: NamedParameters | Iterable<DecoupledAdamWGroup>;
}

const SAVED_DECOUPLED = {
  name: "DecoupledAdamW",
  rates: { lr: ["lr"], weightDecay: ["weightDecay"], betas: ["betas"], eps: ["eps"] },
  groups: true,
};

const REPORTED = ["l2_norm/moment", "l2_norm/param", "l2_norm/update", "l2_norm/grad"] as const;

/** A schedule that ends an ulp above its base is no reason to warn. */
const ROUNDING = 1e-12;

/**
 * Composer's DecoupledAdamW: the weight decay follows the schedule of lr but not its size,
 * p *= 1 - (lr / initialLr) * weightDecay. docs/semantics.md, "The named optimizers", lists what
 * differs.
 *
 * Source: composer/optim/decoupled_weight_decay.py.
 */
export class DecoupledAdamW extends Optimizer {
  readonly #initialLr: number | undefined;

  /**
   * Makes an optimizer at once; needs the core to be compiled, as `AdamW` does. Warns on the
   * console of a weight decay of 1e-3 and more.
   *
   * @throws TypeError for a wrong kind, RangeError for a wrong value, before anything is allocated;
   *   AshlarError NOT_READY, OUT_OF_MEMORY
   */
  constructor(
    params: NamedParameters | Iterable<DecoupledAdamWGroup>,
    options: DecoupledAdamWOptions = {},
  ) {
    const { settings, members, creation } = readDecoupled(params, options);
    super({
      className: "DecoupledAdamW",
      counting: "parameter",
      members,
      creation,
      settings,
      scalars: warningOnce(),
    });
    this.#initialLr = options.initialLr;
    warnOfHighDecay(this.groups);
  }

  /** Compiles the core if need be, then makes an optimizer. See the constructor. */
  static async create(
    params: NamedParameters | Iterable<DecoupledAdamWGroup>,
    options: DecoupledAdamWOptions = {},
  ): Promise<DecoupledAdamW> {
    return Optimizer.prepared(options, () => new this(params, options));
  }

  /** Adds a group, from the next step on: see `AdamW.addGroup`. */
  addGroup(group: DecoupledAdamWGroup): void {
    this.addOneGroup(group, (raw, settings) => decoupledGroup(raw, settings, this.#initialLr));
  }

  /** Makes an optimizer that goes on from a checkpoint of `save`: see `AdamW.load`. */
  static async load(
    source: LoadSource,
    options: DecoupledAdamWLoadOptions = {},
  ): Promise<DecoupledAdamW> {
    return Optimizer.loaded(source, options, SAVED_DECOUPLED, ({ parameters, options }) => {
      return new this(parameters as NamedParameters, options as DecoupledAdamWOptions);
    });
  }

  /**
   * The functional form: updates params, expAvgs, expAvgSqs (and maxExpAvgSqs with amsgrad) in
   * place, with the bits of the class. Needs no `ready()`.
   *
   * @param stateSteps each parameter's number of this update, from 1: the caller has incremented it
   *   already, and it is only read (torch's functional form increments it itself)
   * @param options all of them, without defaults, as in the original
   * @throws TypeError, RangeError for a bad argument; AshlarError NON_FINITE for a gradient that
   *   must not reach the state. Nothing is changed then.
   */
  static adamw(
    params: readonly Float32Array[],
    grads: readonly Float32Array[],
    expAvgs: readonly Float32Array[],
    expAvgSqs: readonly Float32Array[],
    maxExpAvgSqs: readonly Float32Array[],
    stateSteps: FunctionalStates["stateSteps"],
    options: DecoupledFunctionalOptions,
  ): void {
    const states = { params, grads, expAvgs, expAvgSqs, maxExpAvgSqs, stateSteps };
    const rates = readDecoupledFunctional(options);
    const tensors = readTensors(states, rates.amsgrad, "DecoupledAdamW.adamw");
    updateTensors(tensors, rates, decoupledScalars);
  }

  /**
   * Adds to `metrics` what the last step, taken with `{ metrics: true }`, measured of a parameter:
   * "l2_norm/moment/NAME", "l2_norm/param/NAME", "l2_norm/update/NAME", "l2_norm/grad/NAME".
   * Adds nothing where the parameter took no part, or the step was not measured.
   *
   * The update is what the step added to the weights; the original adds its decay with the wrong
   * sign, takes the first group's rates for all parameters, and ignores amsgrad.
   *
   * @throws RangeError for an unknown name
   */
  reportPerParameterMetrics(
    name: string,
    metrics: Record<string, number> = {},
  ): Record<string, number> {
    const measured = this.parameter(name) && this.metrics();
    for (const metric of REPORTED) {
      const key = `${metric}/${name}`;
      if (measured && Object.hasOwn(measured, key)) metrics[key] = measured[key];
    }
    return metrics;
  }

  /** One rank's metrics, ready to be added up over ranks: norms squared, keys sorted. */
  preReduceMetrics(metrics: Metrics): Record<string, number> {
    return preReduceMetrics(metrics);
  }

  /**
   * Metrics of all ranks, from those that preReduceMetrics gave on each: norms the root of the sum,
   * others the mean. Keys sorted.
   *
   * @param allReduce adds up what all ranks give, key by key
   */
  distReduceMetrics(metrics: Metrics, allReduce: AllReduce): Promise<Record<string, number>> {
    return distReduceMetrics(metrics, allReduce);
  }
}

/** The scalars, and a warning the first time that lr is above initialLr. */
function warningOnce(): typeof decoupledScalars {
  let warned = false;
  return (inputs: ScalarInputs, out: StepScalars) => {
    const { lr, initialLr, weightDecay } = inputs;
    const factor = decayFactor(lr, initialLr);
    if (!warned && weightDecay > 0 && factor > 1 + ROUNDING) {
      warned = true;
      console.warn(
        "ashlar: DecoupledAdamW multiplies its weight decay by lr / initialLr, " +
          `${lr} / ${initialLr}, ` +
          "which is above 1. A warm-up needs a schedule whose base is its peak, or initialLr",
      );
    }
    return decoupledScalars(inputs, out);
  };
}
