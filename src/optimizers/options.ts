import { LARGEST_SLAB_BYTES, PAGE_BYTES } from "../core/slab-layout.ts";
import { mismatch, wrongKind, wrongValue } from "../errors.ts";
import type { LayerDecay } from "../parameters/layer-decay.ts";
import type { NamedParameters } from "../parameters/named.ts";
import { DTYPES } from "../parameters/named.ts";
import type { DecayFilter, Dtype, LrScaleFunction } from "../parameters/parameter.ts";
import { readScheduled, type Scheduled } from "../schedules/schedule.ts";
import {
  finiteAtLeast,
  flag,
  knownKeys,
  oneOf,
  optionObject,
  wholeNumberBetween,
} from "../validate.ts";

/** What a non-finite or overflowing gradient leads to. */
export type NonFinitePolicy = "throw" | "skip" | "allow";

/** Options that a group may have for itself. */
export interface AdamWGroupOptions {
  /** Learning rate: a number, or a schedule of the step counted from 0. Default 1e-3. */
  readonly lr?: Scheduled;
  /** Weight decay, decoupled from the gradient, multiplied by lr. Default 0.01. */
  readonly weightDecay?: Scheduled;
  /** Decay rates of the two moments, each in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment. Default 1e-8. */
  readonly eps?: number;
  /** Divide by the root of the largest second moment so far. Default false. */
  readonly amsgrad?: boolean;
}

/** A param group: its parameters, and what it has for itself. */
export interface AdamWGroup extends AdamWGroupOptions {
  readonly params: NamedParameters;
  /** For reports and messages; "group0", "group1", ... by default. */
  readonly name?: string;
  /** Multiplies the lr scale of each of its parameters. Default 1. */
  readonly lrScale?: number;
}

export interface AdamWOptions extends AdamWGroupOptions {
  /** Climb instead of descend. Default false. */
  readonly maximize?: boolean;
  /** Which parameters decay; all by default. It gates the decay, never the update. */
  readonly decays?: DecayFilter;
  /** Factor on a parameter's learning rate, by rule (`layerDecay`) or function; 1 by default. */
  readonly lrScale?: LayerDecay | LrScaleFunction;
  /** `model`: dtype of the model copy beside the float32 master weights. Default "float32", none. */
  readonly precision?: { readonly model?: Dtype };
  /**
   * "throw" (default): a NaN, infinite or overflowing gradient is an error and changes nothing.
   * "skip": the step is skipped and reported. "allow": gradients are not looked at; fastest.
   */
  readonly nonFinite?: NonFinitePolicy;
  /** Compute the global gradient norm for each step's report. Default false. */
  readonly gradNorm?: boolean;
  /**
   * Most bytes of one memory. Default 4 GiB, WebAssembly's limit. A slab needs about 80 KiB for
   * each plane besides its elements.
   */
  readonly slabBytes?: number;
  /** Whether a parameter may be spread over several memories. Default true. */
  readonly splitParameters?: boolean;
}

/** Options of a group after validation. */
export interface GroupSettings {
  lr: Scheduled;
  weightDecay: Scheduled;
  beta1: number;
  beta2: number;
  eps: number;
  readonly amsgrad: boolean;
  readonly lrScale: number;
}

/** Options of the whole optimizer after validation. */
export interface Settings {
  readonly defaults: GroupSettings;
  readonly maximize: boolean;
  readonly decays: DecayFilter | null;
  readonly lrScale: LayerDecay | LrScaleFunction | null;
  readonly model: Dtype;
  readonly nonFinite: NonFinitePolicy;
  readonly gradNorm: boolean;
  readonly slabBytes: number;
  readonly splitParameters: boolean;
}

const GROUP_KEYS = ["lr", "weightDecay", "betas", "eps", "amsgrad"] as const;
const OPTION_KEYS = [
  ...GROUP_KEYS,
  "maximize",
  "decays",
  "lrScale",
  "precision",
  "nonFinite",
  "gradNorm",
  "slabBytes",
  "splitParameters",
] as const;
const NON_FINITE_POLICIES = ["throw", "skip", "allow"] as const;

const DEFAULTS: GroupSettings = Object.freeze({
  lr: 1e-3,
  weightDecay: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  amsgrad: false,
  lrScale: 1,
});

/** @throws TypeError, RangeError: see docs/semantics.md, "Options" */
export function readOptions(input: unknown): Settings {
  const where = "the options";
  const options = optionObject(input, "options", "AdamW");
  knownKeys(options, OPTION_KEYS, where);
  const { decays, lrScale, maximize = false, nonFinite = "throw", gradNorm = false } = options;
  const { slabBytes = LARGEST_SLAB_BYTES, splitParameters = true } = options;
  if (decays !== undefined && typeof decays !== "function") {
    throw wrongKind("decays", where, "a function (parameter) => boolean", decays);
  }
  if (lrScale !== undefined && typeof lrScale !== "function" && !isLayerDecay(lrScale)) {
    throw wrongKind("lrScale", where, "layerDecay(...) or (parameter) => number", lrScale);
  }
  return {
    defaults: readGroupOptions(options, DEFAULTS, where),
    maximize: flag(maximize, "maximize", where),
    decays: (decays as DecayFilter | undefined) ?? null,
    lrScale: (lrScale as LayerDecay | LrScaleFunction | undefined) ?? null,
    model: readPrecision(options.precision),
    nonFinite: oneOf(nonFinite, NON_FINITE_POLICIES, "nonFinite", where),
    gradNorm: flag(gradNorm, "gradNorm", where),
    slabBytes: wholeNumberBetween(slabBytes, PAGE_BYTES, LARGEST_SLAB_BYTES, "slabBytes", where),
    splitParameters: flag(splitParameters, "splitParameters", where),
  };
}

/** Reads what a group has for itself, over the defaults. */
export function readGroup(
  options: Readonly<Record<string, unknown>>,
  defaults: GroupSettings,
  where: string,
): GroupSettings {
  knownKeys(options, [...GROUP_KEYS, "lrScale"], where);
  const settings = readGroupOptions(options, defaults, where);
  const { lrScale = 1 } = options;
  return { ...settings, lrScale: finiteAtLeast(lrScale, 0, "lrScale", where) };
}

function readGroupOptions(
  options: Readonly<Record<string, unknown>>,
  defaults: GroupSettings,
  where: string,
): GroupSettings {
  const { lr, weightDecay, betas, eps, amsgrad } = options;
  const [beta1, beta2] =
    betas === undefined ? [defaults.beta1, defaults.beta2] : readBetas(betas, where);
  const settings = {
    lr: lr === undefined ? defaults.lr : readScheduled(lr, "lr", where),
    weightDecay:
      weightDecay === undefined
        ? defaults.weightDecay
        : readScheduled(weightDecay, "weightDecay", where),
    beta1,
    beta2,
    eps: eps === undefined ? defaults.eps : finiteAtLeast(eps, 0, "eps", where),
    amsgrad: amsgrad === undefined ? defaults.amsgrad : flag(amsgrad, "amsgrad", where),
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
  // from() visits the holes of a sparse array too, as undefined.
  Array.from(betas).forEach((beta: unknown, index) => {
    const what = `betas[${index}]`;
    if (typeof beta !== "number") throw wrongKind(what, where, "a number in [0, 1)", beta);
    if (!(beta >= 0 && beta < 1)) throw wrongValue(what, where, "a number in [0, 1)", beta);
    if (Math.fround(beta) >= 1) {
      throw wrongValue(what, where, "a number below 1 as float32 too, at most 0.99999997", beta);
    }
  });
  return [betas[0], betas[1]];
}

const SMALLEST_NORMAL = 1.1754943508222875e-38; // 2^-126

/**
 * An element that never had a gradient divides 0 by eps * sqrt(1 - b2^t): where that is subnormal
 * or 0 as float32, the weight becomes NaN or the step crawls.
 */
export function checkEps(eps: number, beta2: number, where: string): void {
  const least = SMALLEST_NORMAL / Math.sqrt(1 - beta2);
  if (!(eps * Math.sqrt(1 - beta2) >= SMALLEST_NORMAL)) {
    throw wrongValue("eps", where, `at least ${least} with betas[1] ${beta2}`, eps);
  }
}

function readPrecision(precision: unknown): Dtype {
  if (precision === undefined) return "float32";
  const where = "precision";
  const options = optionObject(precision, "precision", "the options");
  knownKeys(options, ["model"], where);
  const { model = "float32" } = options;
  return oneOf(model, DTYPES, "model", where);
}

function isLayerDecay(value: unknown): value is LayerDecay {
  const rule = value as Partial<LayerDecay> | null;
  return typeof rule === "object" && typeof rule?.resolve === "function";
}
