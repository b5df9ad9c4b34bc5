import { show, wrongKind, wrongValue } from "../errors.ts";
import { type Clip, readClip } from "../gradients/clip.ts";
import { type Rate, readRateOrScalar } from "../schedules/rate.ts";
import {
  finiteAtLeast,
  flag,
  isPlainRecord,
  knownKeys,
  optionObject,
  wholeNumberBetween,
} from "../validate.ts";
import {
  type LayerRule,
  layerScale,
  layerwiseLrDecay,
  type NameDict,
  type SetParamLrFunction,
} from "./adamw-dl-layers.ts";
import { type AdamWDLParameters, readParameters } from "./adamw-dl-parameters.ts";
import { type Creation, givenOptions } from "./checkpoint/creation.ts";
import { MACHINERY_KEYS, type MachineryOptions, readMachinery } from "./machinery-options.ts";
import { precisionWithModel } from "./model-dtype.ts";
import { checkEps, readBeta } from "./options.ts";
import { ParamGroup } from "./param-group.ts";
import { type Arithmetic, readArithmetic } from "./scalars-arithmetic.ts";
import type { Settings } from "./settings.ts";

/** A number, or what a framework calls a scalar tensor: an array of one element. */
export type OneNumber = number | readonly [number] | Float32Array | Float64Array;

/** AdamWDL's options, by their original names in camelCase. null means the same as leaving out. */
export interface AdamWDLOptions extends Omit<MachineryOptions, "clip" | "lazy"> {
  /** Where all of them are of one 16-bit dtype, that is `precision.model`, unless it says otherwise. */
  readonly parameters: AdamWDLParameters;
  /**
   * A number, a vector of two elements and more (one element is a number), or a schedule of the step
   * counted from 0. Default 1e-3.
   */
  readonly learningRate?: Rate;
  /** Default 0.9. */
  readonly beta1?: OneNumber;
  /** Default 0.999. */
  readonly beta2?: OneNumber;
  /** Default 1e-8. */
  readonly epsilon?: OneNumber;
  /** Default 0.01. */
  readonly weightDecay?: OneNumber;
  /**
   * Whether the parameter of this name decays; all by default. The original's documentation says
   * that only these parameters "will be updated"; its code, and this one, updates all of them.
   */
  readonly applyDecayParamFun?: ((name: string) => boolean) | null;
  /** How gradients are clipped; null, the default: not at all. */
  readonly gradClip?: Clip | null;
  /** A row-sparse gradient moves its own rows only. Default false. */
  readonly lazyMode?: boolean;
  /**
   * Keep float32 master weights beside 16-bit parameters (precision.master); without effect on
   * float32 ones. Default false: an update is lost where it is too small for 16 bits.
   */
  readonly multiPrecision?: boolean;
  /** The layer rule's rate, the original's decay ratio: finite and > 0. Default 1. */
  readonly layerwiseDecay?: OneNumber;
  /** Encoder layers. Default 12. */
  readonly nLayers?: number;
  /** Default `layerwiseLrDecay`; null: all parameters have the full rate. */
  readonly setParamLrFun?: SetParamLrFunction | null;
  /** Static name of each parameter; left out, each name is its own static name. */
  readonly nameDict?: NameDict | null;
  /** Goes before the group's name in reports: `NAME.default`. */
  readonly name?: string | null;
  /** Which formula of the original the scalars follow. Default "intended". */
  readonly arithmetic?: Arithmetic;
}

const KEYS = [
  "parameters",
  "learningRate",
  "beta1",
  "beta2",
  "epsilon",
  "weightDecay",
  "applyDecayParamFun",
  "gradClip",
  "lazyMode",
  "multiPrecision",
  "layerwiseDecay",
  "nLayers",
  "setParamLrFun",
  "nameDict",
  "name",
  "arithmetic",
  // Two of them have names of their own here: gradClip, lazyMode.
  ...MACHINERY_KEYS.filter((key) => key !== "clip" && key !== "lazy"),
];

const WHERE = "the options";

/** @throws TypeError, RangeError: see docs/semantics.md, "The named optimizers" */
export function readAdamWDL(input: unknown) {
  const options = optionObject(input, "options", "AdamWDL");
  knownKeys(options, KEYS, WHERE);
  const { parameters, multiplierOf } = readParameters(options.parameters);
  const names = parameters.map(({ name }) => name);
  const { lazyMode = false, multiPrecision = false, gradClip = null } = options;
  const defaults = readRates(options);
  const precision = precisionWithModel(options.precision, parameters);
  const machinery = readMachinery({ ...options, precision }, WHERE);
  const layerRule = readLayerRule(options, names, multiplierOf);
  const settings: Settings = {
    ...machinery,
    defaults,
    maximize: false,
    decays: readDecayFilter(options.applyDecayParamFun),
    lrScale: layerScale(layerRule),
    arithmetic: readArithmetic(options.arithmetic, WHERE),
    clip: gradClip === null ? null : readClip(gradClip, "gradClip", WHERE),
    clipFormula: "paddle",
    lazy: flag(lazyMode, "lazyMode", WHERE),
    master: wantsMasters(options.precision, multiPrecision) || machinery.model === "float32",
  };
  const group = new ParamGroup(readName(options.name), WHERE, defaults);
  const { lr: learningRate, weightDecay, beta1, beta2, eps: epsilon } = defaults;
  const rates = { learningRate, weightDecay, beta1, beta2, epsilon };
  const { parameters: _, ...given } = options;
  const creation: Creation = {
    options: givenOptions(given, { ...rates, layerwiseDecay: layerRule.layerwiseDecay }),
    groups: [{}],
    ofParameter: (name) => {
      const multiplier = multiplierOf(name);
      return multiplier === 1 ? null : { optimizeAttr: { learningRate: multiplier } };
    },
  };
  return { settings, members: [{ group, parameters }], layerRule, creation };
}

/** multiPrecision is the original's name of precision.master, which then may say nothing else. */
function wantsMasters(precision: unknown, multiPrecision: unknown): boolean {
  const wanted = flag(multiPrecision, "multiPrecision", WHERE);
  const { master } = (precision ?? {}) as NonNullable<MachineryOptions["precision"]>;
  if (master === undefined || master === wanted) return wanted;
  const remedy = "Leave it out of precision";
  throw wrongValue("master", "precision", `multiPrecision, ${wanted}`, master, remedy);
}

function readRates(options: Readonly<Record<string, unknown>>) {
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { weightDecay = 0.01 } = options;
  const rates = {
    lr: readRateOrScalar(learningRate, "learningRate", WHERE),
    weightDecay: finiteAtLeast(onlyElement(weightDecay), 0, "weightDecay", WHERE),
    beta1: readBeta(onlyElement(beta1), "beta1", WHERE),
    beta2: readBeta(onlyElement(beta2), "beta2", WHERE),
    eps: finiteAtLeast(onlyElement(epsilon), 0, "epsilon", WHERE),
    amsgrad: false,
    lrScale: 1,
  };
  checkEps(rates.eps, rates.beta2, WHERE, ["epsilon", "beta2"]);
  return rates;
}

function readLayerRule(
  options: Readonly<Record<string, unknown>>,
  names: readonly string[],
  multiplierOf: (name: string) => number,
): LayerRule {
  const { nLayers = 12, setParamLrFun = layerwiseLrDecay, nameDict = null } = options;
  const layerwiseDecay = onlyElement(options.layerwiseDecay ?? 1);
  // The original's own words, which name neither the option nor what is allowed.
  if (typeof layerwiseDecay !== "number") throw new TypeError("coeff should be float or Tensor.");
  if (!(layerwiseDecay > 0 && layerwiseDecay < Infinity)) {
    throw wrongValue("layerwiseDecay", WHERE, "a finite number > 0", layerwiseDecay);
  }
  if (setParamLrFun !== null && typeof setParamLrFun !== "function") {
    const expected = "a function (decayRate, nameDict, nLayers, param) => ratio, or null";
    throw wrongKind("setParamLrFun", WHERE, expected, setParamLrFun);
  }
  if (nameDict !== null && !isPlainRecord(nameDict)) {
    throw wrongKind("nameDict", WHERE, "a record of name to static name", nameDict);
  }
  const most = Number.MAX_SAFE_INTEGER;
  return {
    layerwiseDecay,
    nLayers: wholeNumberBetween(nLayers, 1, most, "nLayers", WHERE),
    setParamLrFun: setParamLrFun as SetParamLrFunction | null,
    ownNames: nameDict === null,
    nameDict: (nameDict ?? Object.fromEntries(names.map((name) => [name, name]))) as NameDict,
    multiplierOf,
  };
}

function readDecayFilter(filter: unknown): Settings["decays"] {
  if (filter === undefined || filter === null) return null;
  if (typeof filter !== "function") {
    throw wrongKind("applyDecayParamFun", WHERE, "a function (name) => boolean, or null", filter);
  }
  return ({ name }) => flag(filter(name), "applyDecayParamFun", `parameter ${show(name)}`);
}

function readName(name: unknown): string {
  if (name === undefined || name === null) return "default";
  if (typeof name !== "string") throw wrongKind("name", WHERE, "a string", name);
  if (name === "") throw wrongValue("name", WHERE, "a string that is not empty", name);
  return `${name}.default`;
}

/** The element of a one-element array; anything else as it is. */
function onlyElement(value: unknown): unknown {
  const isArray =
    Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array;
  return isArray && value.length === 1 ? value[0] : value;
}
