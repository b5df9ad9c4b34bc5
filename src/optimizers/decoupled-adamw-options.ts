import { wrongKind } from "../errors.ts";
import { type RawGroup, readGroups } from "../parameters/groups.ts";
import { baseOf } from "../schedules/schedule.ts";
import { finiteAtLeast, knownKeys, optionObject } from "../validate.ts";
import type { GroupMembers } from "./blueprint.ts";
import { type Creation, givenOptions } from "./checkpoint/creation.ts";
import { MACHINERY_KEYS, type MachineryOptions, readMachinery } from "./machinery-options.ts";
import {
  type AdamWGroup,
  type AdamWGroupOptions,
  GROUP_KEYS,
  RULE_KEYS,
  type RuleOptions,
  readGroup,
  readGroupOptions,
  readRules,
} from "./options.ts";
import { ParamGroup } from "./param-group.ts";
import { type Arithmetic, readArithmetic } from "./scalars-arithmetic.ts";
import type { GroupSettings, Settings } from "./settings.ts";

interface InitialLr {
  /**
   * The rate that the decay is relative to, where lr is a caller's own function. Any other lr says
   * it itself, which overwrites this: a number is its own, a vector begins from its element 0, a
   * schedule of ours from its base.
   */
  readonly initialLr?: number;
}

/**
 * DecoupledAdamW's options, by their original names in camelCase. Other defaults than AdamW's:
 * betas [0.9, 0.95], weightDecay 1e-5, which is not multiplied by lr.
 */
export interface DecoupledAdamWOptions
  extends AdamWGroupOptions,
    InitialLr,
    RuleOptions,
    MachineryOptions {
  /** Which formula of the original the scalars follow. Default "intended". */
  readonly arithmetic?: Arithmetic;
}

/** A param group: its parameters, and what it has for itself. */
export interface DecoupledAdamWGroup extends AdamWGroup, InitialLr {}

const OPTION_KEYS = [
  ...GROUP_KEYS,
  "initialLr",
  "arithmetic",
  ...RULE_KEYS,
  ...MACHINERY_KEYS,
] as const;

const DEFAULTS: GroupSettings = Object.freeze({
  lr: 1e-3,
  weightDecay: 1e-5,
  beta1: 0.9,
  beta2: 0.95,
  eps: 1e-8,
  amsgrad: false,
  lrScale: 1,
});

const WHERE = "the options";

/** @throws TypeError, RangeError: see docs/semantics.md, "The named optimizers" */
export function readDecoupled(
  parameters: unknown,
  input: unknown,
): { settings: Settings; members: readonly GroupMembers[]; creation: Creation } {
  const options = optionObject(input, "options", "DecoupledAdamW");
  knownKeys(options, OPTION_KEYS, WHERE);
  const { initialLr } = options;
  if (initialLr !== undefined) finiteAtLeast(initialLr, 0, "initialLr", WHERE);
  const defaults = readGroupOptions(options, DEFAULTS, WHERE);
  const settings: Settings = {
    ...readMachinery(options, WHERE),
    ...readRules(options, WHERE),
    defaults,
    maximize: false,
    arithmetic: readArithmetic(options.arithmetic, WHERE),
    clipFormula: "torch",
  };
  const groups = readGroups(parameters);
  const members = groups.map((raw) => ({
    group: decoupledGroup(raw, settings, initialLr),
    parameters: raw.parameters,
  }));
  const { lr, weightDecay } = defaults;
  const creation = {
    options: givenOptions(options, { lr, weightDecay }),
    groups: groups.map((raw) => raw.options),
  };
  return { settings, members, creation };
}

/** @param initialLr the optimizer's option */
export function decoupledGroup(
  { name, where, options }: RawGroup,
  { defaults }: Settings,
  initialLr: unknown,
): ParamGroup {
  const own = readGroup(options, defaults, where, ["initialLr"]);
  const { initialLr: given = initialLr } = options;
  return new ParamGroup(name, where, { ...own, initialLr: initialLrOf(own, given, where) });
}

function initialLrOf({ lr }: GroupSettings, given: unknown, where: string): number {
  if (given !== undefined) finiteAtLeast(given, 0, "initialLr", where);
  const base = baseOf(lr);
  if (!Number.isNaN(base)) return base;
  if (given !== undefined) return given as number;
  throw wrongKind(
    "initialLr",
    where,
    "a number where lr is a function of the caller's",
    given,
    "The weight decay is relative to it",
  );
}

/** Above it a weight decay that lr does not multiply is most likely meant for AdamW. */
const HIGH_WEIGHT_DECAY = 1e-3;

/** Warns, as the original does, of a decay that looks like AdamW's; groups included. */
export function warnOfHighDecay(groups: readonly ParamGroup[]): void {
  for (const { weightDecay, where } of groups) {
    const most = baseOf(weightDecay);
    if (!(most >= HIGH_WEIGHT_DECAY)) continue;
    console.warn(
      `ashlar: DecoupledAdamW multiplies the weights by 1 - weightDecay, ${1 - most}, in every ` +
        `step: "weightDecay" of ${where} is ${most}. It is not multiplied by lr; a weight decay ` +
        "of AdamW's times its lr means the same",
    );
  }
}
