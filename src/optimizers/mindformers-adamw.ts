import { wrongValue } from "../errors.ts";
import type { NamedParameters } from "../parameters/named.ts";
import type { LoadSource } from "../state/sources/open-source.ts";
import { givenOptions } from "./checkpoint/creation.ts";
import type { LoadOptions } from "./checkpoint/load-options.ts";
import type { NamedGradients } from "./gradient-input.ts";
import {
  type MindFormersGroup,
  type MindFormersOrder,
  readMembers,
  readMindFormersGroup,
  readRawGroups,
} from "./mindformers-adamw-groups.ts";
import {
  type MindFormersAdamWOptions,
  readMindFormersOptions,
} from "./mindformers-adamw-options.ts";
import { Optimizer } from "./optimizer.ts";
import { MINDFORMERS_SCALARS } from "./scalars-mindformers.ts";
import type { StepOptions } from "./step-options.ts";
import type { StepReport } from "./step-report.ts";

/** Parameters, or groups of them and what order they have. */
export type MindFormersParameters = NamedParameters | Iterable<MindFormersGroup | MindFormersOrder>;

/** A gradient for each parameter, in the order of `parameterNames`. */
export type GradientList = readonly NamedGradients[string][];

/** What a step did, in the original's form too. */
export interface MindFormersReport extends StepReport {
  /** For each parameter in its order: true, or false where the step was skipped. */
  readonly updated: readonly boolean[];
}

/** Options of MindFormersAdamW that are to be other ones than the checkpoint's. */
export interface MindFormersAdamWLoadOptions extends MindFormersAdamWOptions, LoadOptions {
  /** Names and shapes, in groups or not. Default: as the checkpoint has them. */
  readonly parameters?: MindFormersParameters;
}

const SAVED_MINDFORMERS = {
  name: "MindFormersAdamW",
  rates: { lr: ["learningRate"], weightDecay: ["weightDecay"], betas: ["betas"], eps: ["eps"] },
  groups: true,
};

/**
 * MindFormers' AdamW: one count of steps for all parameters, groups with their own rates, vectors
 * of learning rates. docs/semantics.md, "The named optimizers", lists what differs.
 *
 * Source: mindformers/core/optim/adamw.py; mindspore/nn/optim/optimizer.py.
 */
export class MindFormersAdamW extends Optimizer {
  #order: readonly string[];

  /**
   * Makes an optimizer at once; needs the core to be compiled, as `AdamW` does.
   *
   * @param params a record or list of parameters, or a list of groups { params, lr, weightDecay,
   *   gradCentralization }, among them at most one { orderParams }. Where all parameters are of one
   *   16-bit dtype, that is precision.model, unless it says otherwise
   * @throws TypeError for a wrong kind, RangeError for a wrong value, before anything is allocated;
   *   AshlarError NOT_READY, OUT_OF_MEMORY
   */
  constructor(params: MindFormersParameters, options: MindFormersAdamWOptions = {}) {
    const { groups, order } = readRawGroups(params);
    const parameters = groups.flatMap((group) => group.parameters);
    const read = readMindFormersOptions(options, parameters);
    const { settings } = read;
    const { lr: learningRate, weightDecay } = settings.defaults;
    super({
      className: "MindFormersAdamW",
      counting: "global",
      members: readMembers(groups, read),
      creation: {
        options: givenOptions(options, { learningRate, weightDecay }),
        groups: groups.map((group) => group.options),
        order,
      },
      settings,
      scalars: MINDFORMERS_SCALARS[settings.arithmetic],
    });
    this.#order = order;
  }

  /** Compiles the core if need be, then makes an optimizer. See the constructor. */
  static async create(
    params: MindFormersParameters,
    options: MindFormersAdamWOptions = {},
  ): Promise<MindFormersAdamW> {
    return Optimizer.prepared(options, () => new this(params, options));
  }

  /**
   * Adds a group, from the next step on: see `AdamW.addGroup`. Its parameters come last in the order of
   * `parameterNames`; they have the count of steps that all have.
   */
  addGroup(group: MindFormersGroup): void {
    this.addOneGroup(group, (raw, { defaults }) => readMindFormersGroup(raw, defaults).group);
    this.#orderNew();
  }

  /** Adds parameters to a group: see `AdamW.addParameters`. They come last in the order. */
  override addParameters(parameters: NamedParameters, options?: { readonly group?: string }): void {
    super.addParameters(parameters, options);
    this.#orderNew();
  }

  #orderNew(): void {
    const known = new Set(this.#order);
    this.#order = [...this.#order, ...super.parameterNames.filter((name) => !known.has(name))];
  }

  /** Makes an optimizer that goes on from a checkpoint of `save`: see `AdamW.load`. */
  static async load(
    source: LoadSource,
    options: MindFormersAdamWLoadOptions = {},
  ): Promise<MindFormersAdamW> {
    return Optimizer.loaded(source, options, SAVED_MINDFORMERS, ({ parameters, options }) => {
      return new this(parameters as NamedParameters, options as MindFormersAdamWOptions);
    });
  }

  /** Names of all parameters, in the order of orderParams; without it, in the order given. */
  override get parameterNames(): string[] {
    return [...this.#order];
  }

  /**
   * Applies one step. Every parameter needs a gradient: in its view, by name, or in a list in the
   * order of `parameterNames`.
   *
   * @throws RangeError naming the parameter without a gradient; where a vector of learning rates is
   *   at its end; else as `AdamW.step`
   */
  override step(
    input?: NamedGradients | GradientList | (() => unknown),
    options?: StepOptions,
  ): MindFormersReport {
    return this.#reported(super.step(this.#named(input, "step"), options));
  }

  /** As `step(closure)`, with a closure that may return a Promise. */
  override async stepAsync(
    closure: () => unknown,
    options?: StepOptions,
  ): Promise<MindFormersReport> {
    return this.#reported(await super.stepAsync(closure, options));
  }

  /**
   * Adds the gradients of a micro-batch, by name or in a list in the order of `parameterNames`.
   *
   * @throws RangeError for a list of another length; else as `AdamW.accumulate`
   */
  override accumulate(
    gradients: NamedGradients | GradientList,
    options?: { readonly average?: boolean },
  ): void {
    super.accumulate(this.#named(gradients, "accumulate"), options);
  }

  #reported(report: StepReport): MindFormersReport {
    return Object.assign(report, { updated: this.#order.map(() => report.applied) });
  }

  /** A list of gradients by name; whatever else there is, as it is. */
  #named<Input>(input: Input | GradientList, where: string): Input | NamedGradients {
    if (!isList(input)) return input;
    const { length } = this.#order;
    if (input.length !== length) {
      const expected = `${length} gradients in the order of parameterNames`;
      throw wrongValue("gradients", where, expected, input.length);
    }
    return Object.fromEntries(this.#order.map((name, index) => [name, input[index]]));
  }
}

/** Array.isArray does not narrow readonly arrays. */
function isList(gradients: unknown): gradients is GradientList {
  return Array.isArray(gradients);
}
