import { mismatch, wrongKind, wrongValue } from "../errors.ts";
import type { NamedParameter } from "../parameters/named.ts";
import type { Rate } from "../schedules/rate.ts";
import { flag, knownKeys, optionObject } from "../validate.ts";
import { MACHINERY_KEYS, type MachineryOptions, readMachinery } from "./machinery-options.ts";
import { type ReadRate, readLearningRate, readWeightDecay } from "./mindformers-adamw-rates.ts";
import { precisionWithModel } from "./model-dtype.ts";
import { checkEps, RULE_KEYS, type RuleOptions, readBeta, readRules } from "./options.ts";
import { type Arithmetic, readArithmetic } from "./scalars-arithmetic.ts";
import type { Settings } from "./settings.ts";

/** MindFormersAdamW's options, by their original names in camelCase. */
export interface MindFormersAdamWOptions extends RuleOptions, MachineryOptions {
  /**
   * A number; a vector (array, typed array, any finite iterable: read whole at construction) with a
   * value for each step; or a schedule. Default 1e-3.
   */
  readonly learningRate?: Rate;
  /** Each strictly between 0 and 1; with useFused 0 is allowed. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8, as in the original's code; its documentation says 1e-6. */
  readonly eps?: number;
  /** As learningRate, whose length a vector must have. Default 0. */
  readonly weightDecay?: Rate;
  /** The original's fused operator: the same formula, with amsgrad and maximize. Default false. */
  readonly useFused?: boolean;
  /** Divide by the root of the largest second moment so far. Needs useFused. Default false. */
  readonly amsgrad?: boolean;
  /** Climb instead of descend. Needs useFused. Default false. */
  readonly maximize?: boolean;
  /** Which formula of the original the scalars follow. Default "intended". */
  readonly arithmetic?: Arithmetic;
}

const KEYS = [
  "learningRate",
  "betas",
  "eps",
  "weightDecay",
  "useFused",
  "amsgrad",
  "maximize",
  "arithmetic",
  ...RULE_KEYS,
  ...MACHINERY_KEYS,
] as const;

const WHERE = "the options";

export interface ReadMindFormers {
  readonly settings: Settings;
  /** The default learning rate and weight decay, as they were given. */
  readonly rates: readonly ReadRate[];
}

/** @throws TypeError, RangeError: see docs/semantics.md, "The named optimizers" */
export function readMindFormersOptions(
  input: unknown,
  parameters: readonly NamedParameter[],
): ReadMindFormers {
  const options = optionObject(input, "options", "MindFormersAdamW");
  knownKeys(options, KEYS, WHERE);
  const { learningRate = 1e-3, weightDecay = 0 } = options;
  const { useFused = false, amsgrad = false, maximize = false } = options;
  const fused = flag(useFused, "useFused", WHERE);
  const lr = readLearningRate(learningRate, "learningRate", WHERE);
  const decay = readWeightDecay(weightDecay, "weightDecay", WHERE);
  const [beta1, beta2] = readOpenBetas(options.betas ?? [0.9, 0.999], fused);
  const defaults = {
    lr: lr.scheduled,
    weightDecay: decay.scheduled,
    beta1,
    beta2,
    eps: readEps(options.eps ?? 1e-8, beta2),
    amsgrad: onlyFused(amsgrad, "amsgrad", fused),
    lrScale: 1,
  };
  const arithmetic = readArithmetic(options.arithmetic, WHERE);
  const precision = precisionWithModel(options.precision, parameters);
  const machinery = readMachinery({ ...options, precision }, WHERE);
  const settings: Settings = {
    ...machinery,
    ...readRules(options, WHERE),
    defaults,
    maximize: onlyFused(maximize, "maximize", fused),
    arithmetic,
    clipFormula: "mindformers",
    master: keepsMasters(machinery, arithmetic, (options as MindFormersAdamWOptions).precision),
  };
  return { settings, rates: [lr, decay] };
}

/** The original casts 16-bit weights up and back in every step and keeps nothing between. */
function keepsMasters(
  { model, master }: Pick<Settings, "model" | "master">,
  arithmetic: Arithmetic,
  precision: MindFormersAdamWOptions["precision"],
): boolean {
  if (model === "float32" || arithmetic !== "executed") return master;
  if (precision?.master) {
    const expected = 'false with arithmetic "executed" and a 16-bit model';
    throw wrongValue("master", "precision", expected, true, 'That is "intended"');
  }
  return false;
}

/** The original refuses a beta of 0 too, but for its fused operator. */
function readOpenBetas(betas: unknown, fused: boolean): [number, number] {
  if (!Array.isArray(betas)) throw wrongKind("betas", WHERE, "an array of two numbers", betas);
  if (betas.length !== 2) {
    throw new RangeError(mismatch("betas", WHERE, "two numbers", `${betas.length} of them`));
  }
  const [beta1, beta2] = [0, 1].map((index) => {
    const what = `betas[${index}]`;
    const beta: unknown = betas[index];
    if (!fused && !(typeof beta === "number" && beta > 0 && beta < 1)) {
      const wrong = typeof beta === "number" ? wrongValue : wrongKind;
      throw wrong(what, WHERE, "a number in (0, 1)", beta);
    }
    return readBeta(beta, what, WHERE);
  });
  return [beta1, beta2];
}

function readEps(eps: unknown, beta2: number): number {
  const expected = "a finite number > 0";
  if (typeof eps !== "number") throw wrongKind("eps", WHERE, expected, eps);
  if (!(eps > 0 && eps < Infinity)) throw wrongValue("eps", WHERE, expected, eps);
  checkEps(eps, beta2, WHERE);
  return eps;
}

function onlyFused(value: unknown, what: string, fused: boolean): boolean {
  if (flag(value, what, WHERE) && !fused) {
    throw wrongValue(what, WHERE, "false where useFused is false", value, "Set useFused: true");
  }
  return value as boolean;
}
