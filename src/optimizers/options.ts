import { mismatch, wrongKind, wrongValue } from "../errors.ts";
import { type Clip, readClip } from "../gradients/clip.ts";
import type { LayerDecay } from "../parameters/layer-decay.ts";
import type { NamedParameters } from "../parameters/named.ts";
import type { DecayFilter, LrScaleFunction } from "../parameters/parameter.ts";
import { type Rate, readRate } from "../schedules/rate.ts";
import { finiteAtLeast, flag, knownKeys, optionObject } from "../validate.ts";
import { MACHINERY_KEYS, type MachineryOptions, readMachinery } from "./machinery-options.ts";
import type { GroupSettings, Settings } from "./settings.ts";

export type { GroupSettings, NonFinitePolicy, Settings } from "./settings.ts";

/** Options that a group may have for itself. */
export interface AdamWGroupOptions {
  /** Learning rate: a number, a vector, or a schedule of the step counted from 0. Default 1e-3. */
  readonly lr?: Rate;
  /** Weight decay, decoupled from the gradient, multiplied by lr; as lr. Default 0.01. */
  readonly weightDecay?: Rate;
  /** Decay rates of the two moments, each in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment. Default 1e-8. */
  readonly eps?: number;
  /** Divide by the root of the largest second moment so far. Default false. */
  readonly amsgrad?: boolean;
  /** Subtract from each row of a gradient its mean, before clipping. Default false. */
  readonly centralize?: boolean;
}

/** A param group: its parameters, and what it has for itself. */
export interface AdamWGroup extends AdamWGroupOptions {
  /** Its parameters by name. */
  readonly params: NamedParameters;
  /** For reports and messages; "group0", "group1", ... by default. */
  readonly name?: string;
  /** Multiplies the lr scale of each of its parameters. Default 1. */
  readonly lrScale?: number;
  /** In place of the optimizer's clip; a global norm is then the group's own. */
  readonly clip?: Clip;
}

export interface AdamWOptions extends AdamWGroupOptions, RuleOptions, MachineryOptions {
  /** Climb instead of descend. Default false. */
  readonly maximize?: boolean;
}

/** Rules that are asked about every parameter, once. */
export interface RuleOptions {
  /** Which parameters decay; all by default. It gates the decay, never the update. */
  readonly decays?: DecayFilter;
  /** Factor on a parameter's learning rate, by rule (`layerDecay`) or function; 1 by default. */
  readonly lrScale?: LayerDecay | LrScaleFunction;
}

export const GROUP_KEYS = ["lr", "weightDecay", "betas", "eps", "amsgrad", "centralize"] as const;
export const RULE_KEYS = ["decays", "lrScale"] as const;
const OPTION_KEYS = [...GROUP_KEYS, "maximize", ...RULE_KEYS, ...MACHINERY_KEYS] as const;

const DEFAULTS: GroupSettings = Object.freeze({
  lr: 1e-3,
  weightDecay: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  amsgrad: false,
  centralize: false,
  lrScale: 1,
});

/** @throws TypeError, RangeError: see docs/semantics.md, "Options" */
export function readOptions(input: unknown): Settings {
  const where = "the options";
  const options = optionObject(input, "options", "AdamW");
  knownKeys(options, OPTION_KEYS, where);
  const { maximize = false } = options;
  return {
    defaults: readGroupOptions(options, DEFAULTS, where),
    maximize: flag(maximize, "maximize", where),
    arithmetic: "intended",
    clipFormula: "torch",
    ...readRules(options, where),
    ...readMachinery(options, where),
  };
}

/** Reads the rules: the decay filter and the lr scale. */
export function readRules(
  options: Readonly<Record<string, unknown>>,
  where: string,
): Pick<Settings, "decays" | "lrScale"> {
  const { decays, lrScale } = options;
  if (decays !== undefined && typeof decays !== "function") {
    throw wrongKind("decays", where, "a function (parameter) => boolean", decays);
  }
  if (lrScale !== undefined && typeof lrScale !== "function" && !isLayerDecay(lrScale)) {
    throw wrongKind("lrScale", where, "layerDecay(...) or (parameter) => number", lrScale);
  }
  return {
    decays: (decays as DecayFilter | undefined) ?? null,
    lrScale: (lrScale as LayerDecay | LrScaleFunction | undefined) ?? null,
  };
}

/** Reads what a group has for itself, over the defaults; `ownKeys` are left to the caller. */
export function readGroup(
  options: Readonly<Record<string, unknown>>,
  defaults: GroupSettings,
  where: string,
  ownKeys: readonly string[] = [],
): GroupSettings {
  knownKeys(options, [...GROUP_KEYS, "lrScale", "clip", ...ownKeys], where);
  const settings = readGroupOptions(options, defaults, where);
  const { lrScale = 1, clip } = options;
  return {
    ...settings,
    lrScale: finiteAtLeast(lrScale, 0, "lrScale", where),
    ...(clip === undefined ? {} : { clip: readClip(clip, "clip", where) }),
  };
}

export function readGroupOptions(
  options: Readonly<Record<string, unknown>>,
  defaults: GroupSettings,
  where: string,
): GroupSettings {
  const { lr, weightDecay, betas, eps, amsgrad, centralize } = options;
  const [beta1, beta2] =
    betas === undefined ? [defaults.beta1, defaults.beta2] : readBetas(betas, where);
  const settings = {
    lr: lr === undefined ? defaults.lr : readRate(lr, "lr", where),
    weightDecay:
      weightDecay === undefined
        ? defaults.weightDecay
        : readRate(weightDecay, "weightDecay", where),
    beta1,
    beta2,
    eps: eps === undefined ? defaults.eps : finiteAtLeast(eps, 0, "eps", where),
    amsgrad: amsgrad === undefined ? defaults.amsgrad : flag(amsgrad, "amsgrad", where),
    centralize:
      centralize === undefined
        ? (defaults.centralize ?? false)
        : flag(centralize, "centralize", where),
    lrScale: 1,
  };
  checkEps(settings.eps, settings.beta2, where);
  return settings;
}

/** Two numbers in [0, 1), also after rounding to float32. */
export function readBetas(betas: unknown, where: string): [number, number] {
  if (!Array.isArray(betas)) throw wrongKind("betas", where, "an array of two numbers", betas);
  if (betas.length !== 2) {
    throw new RangeError(mismatch("betas", where, "two numbers", `${betas.length} of them`));
  }
  return [readBeta(betas[0], "betas[0]", where), readBeta(betas[1], "betas[1]", where)];
}

/** A number in [0, 1), also after rounding to float32. */
export function readBeta(beta: unknown, what: string, where: string): number {
  if (typeof beta !== "number") throw wrongKind(what, where, "a number in [0, 1)", beta);
  if (!(beta >= 0 && beta < 1)) throw wrongValue(what, where, "a number in [0, 1)", beta);
  if (Math.fround(beta) >= 1) {
    throw wrongValue(what, where, "a number below 1 as float32 too, at most 0.99999997", beta);
  }
  // -0 becomes 0: their products differ in the sign of zeros, and a checkpoint's JSON has but one.
  return beta === 0 ? 0 : beta;
}

const SMALLEST_NORMAL = 1.1754943508222875e-38; // 2^-126

/**
 * An element that never had a gradient divides 0 by eps * sqrt(1 - b2^t): where that is subnormal
 * or 0 as float32, the weight becomes NaN or the step crawls.
 */
export function checkEps(
  eps: number,
  beta2: number,
  where: string,
  [epsName, beta2Name] = ["eps", "betas[1]"],
): void {
  const least = SMALLEST_NORMAL / Math.sqrt(1 - beta2);
  if (!(eps * Math.sqrt(1 - beta2) >= SMALLEST_NORMAL)) {
    throw wrongValue(epsName, where, `at least ${least} with ${beta2Name} ${beta2}`, eps);
  }
}

function isLayerDecay(value: unknown): value is LayerDecay {
  const rule = value as Partial<LayerDecay> | null;
  return typeof rule === "object" && typeof rule?.resolve === "function";
}
