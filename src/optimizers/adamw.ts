import { type RawGroup, readGroups } from "../parameters/groups.ts";
import type { NamedParameters } from "../parameters/named.ts";
import type { LoadSource } from "../state/sources/open-source.ts";
import type { Blueprint } from "./blueprint.ts";
import { givenOptions } from "./checkpoint/creation.ts";
import type { LoadOptions } from "./checkpoint/load-options.ts";
import { Optimizer } from "./optimizer.ts";
import {
  type AdamWGroup,
  type AdamWOptions,
  readGroup,
  readOptions,
  type Settings,
} from "./options.ts";
import { ParamGroup } from "./param-group.ts";
import { stepScalars } from "./scalars.ts";

/** Options of AdamW that are to be other ones than the checkpoint's. */
export interface AdamWLoadOptions extends AdamWOptions, LoadOptions {
  /** Names and shapes, in groups or not. Default: as the checkpoint has them. */
  readonly parameters?: NamedParameters | Iterable<AdamWGroup>;
}

/** AdamW as checkpoints know it. */
export const SAVED_ADAMW = {
  name: "AdamW",
  rates: { lr: ["lr"], weightDecay: ["weightDecay"], betas: ["betas"], eps: ["eps"] },
  groups: true,
};

/**
 * AdamW: Adam with decoupled weight decay, bias-corrected, over named parameters.
 *
 * Source: Loshchilov & Hutter 2019, algorithm 2, with decay scaled by the learning rate as in
 * torch.optim.AdamW; the operations and their order are docs/semantics.md, "One element".
 * Cost per element and step: 28 bytes of memory traffic, 4 more where gradients are looked at;
 * 16 bytes of memory, the gradient included.
 */
export class AdamW extends Optimizer {
  /**
   * Makes an optimizer at once. Needs the core to be compiled: await `ready()` first where the
   * engine does not compile synchronously. The parameters' data is copied in; arrays must not change
   * before the constructor returns (an iterable may not reuse one buffer for all).
   *
   * @param parameters a record of name to Float32Array or { shape, data, dtype }, an iterable of
   *   { name, shape, data, dtype }, or a list of groups { params, lr, weightDecay, ... }
   * @throws TypeError for a wrong kind, RangeError for a wrong value, before anything is allocated;
   *   AshlarError NOT_READY, OUT_OF_MEMORY
   */
  constructor(parameters: NamedParameters | Iterable<AdamWGroup>, options: AdamWOptions = {}) {
    super(adamwBlueprint(parameters, options));
  }

  /**
   * Compiles the core if need be, then makes an optimizer. See the constructor. The data is read
   * after the core is ready: leave it as it is until the promise resolves.
   */
  static async create(
    parameters: NamedParameters | Iterable<AdamWGroup>,
    options: AdamWOptions = {},
  ): Promise<AdamW> {
    return Optimizer.prepared(options, () => new this(parameters, options));
  }

  /**
   * Adds a group, from the next step on; see addParameters.
   *
   * @throws RangeError for a group's or parameter's name that there is already; else as the
   *   constructor and addParameters, changing nothing
   */
  addGroup(group: AdamWGroup): void {
    this.addOneGroup(group, paramGroup);
  }

  /**
   * Makes an optimizer that goes on from a checkpoint of `save`, with the same bits. What is named in
   * the options wins over the checkpoint, and `loadReport` says what is different; a function of the
   * caller's (a schedule, decays, lrScale) must be given again. Parameters are found by name, in
   * whatever order and groups `parameters` has them.
   *
   * @param source a path or file: URL (Node, Deno, Bun), bytes, a Blob, an http(s) URL, a
   *   ReadableStream, a Response, a FileSystemFileHandle, `indexedDBFile(...)`
   * @throws CheckpointError for a file that is damaged, of another class or of other parameters,
   *   with the reason; TypeError, RangeError for options
   */
  static async load(source: LoadSource, options: AdamWLoadOptions = {}): Promise<AdamW> {
    return Optimizer.loaded(source, options, SAVED_ADAMW, ({ parameters, options }) => {
      return new this(parameters as NamedParameters, options as AdamWOptions);
    });
  }
}

/** What AdamW is. @throws as its constructor, but for memory */
export function adamwBlueprint(
  parameters: NamedParameters | Iterable<AdamWGroup>,
  options: AdamWOptions,
): Blueprint {
  const settings = readOptions(options);
  const { lr, weightDecay } = settings.defaults;
  const groups = readGroups(parameters);
  return {
    className: "AdamW",
    counting: "parameter",
    members: groups.map((raw) => ({
      group: paramGroup(raw, settings),
      parameters: raw.parameters,
    })),
    creation: {
      options: givenOptions(options, { lr, weightDecay }),
      groups: groups.map((raw) => raw.options),
    },
    settings,
    scalars: stepScalars,
  };
}

function paramGroup({ name, where, options }: RawGroup, { defaults }: Settings): ParamGroup {
  return new ParamGroup(name, where, readGroup(options, defaults, where));
}
