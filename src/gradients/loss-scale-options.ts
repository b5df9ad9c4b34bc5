import { wrongValue } from "../errors.ts";
import { knownKeys, oneOf, optionObject, wholeNumberBetween } from "../validate.ts";
import { within } from "./checks.ts";

/** What `staticLossScale` was made with. */
export interface StaticLossScaleSettings {
  /** The factor of the loss. */
  readonly scale: number;
}

const WHERE = "dynamicLossScale";
const CONVENTIONS = ["torch", "paddle"] as const;

/** What `dynamicLossScale` takes. */
export interface DynamicLossScaleOptions {
  /** The scale at first. Default 65536. */
  readonly initialScale?: number | undefined;
  /** What the scale is multiplied by after growthInterval finite steps in a row: > 1, default 2. */
  readonly growthFactor?: number | undefined;
  /** What it is multiplied by after decreaseEvery non-finite steps in a row: < 1, default 0.5. */
  readonly backoffFactor?: number | undefined;
  /** Finite steps in a row after which the scale grows. Default 2000. */
  readonly growthInterval?: number | undefined;
  /** Non-finite steps in a row after which it shrinks. Default 1. Paddle's decr_every_n_nan_or_inf. */
  readonly decreaseEvery?: number | undefined;
  /** Default 1 for paddle, else 2^-126, the smallest normal float32: its reciprocal is one too. */
  readonly minScale?: number | undefined;
  /** The scale never goes above. Default: the largest float32. */
  readonly maxScale?: number | undefined;
  /** "torch" (default): float64 factors. "paddle": factors rounded to float32, and minScale 1. */
  readonly convention?: (typeof CONVENTIONS)[number] | undefined;
}

/** The options in force, defaults filled in. */
export type DynamicLossScaleSettings = {
  readonly [Key in keyof Required<DynamicLossScaleOptions>]: NonNullable<
    DynamicLossScaleOptions[Key]
  >;
};

const OPTION_KEYS: readonly string[] = [
  "initialScale",
  "growthFactor",
  "backoffFactor",
  "growthInterval",
  "decreaseEvery",
  "minScale",
  "maxScale",
  "convention",
] satisfies (keyof DynamicLossScaleOptions)[];

const LARGEST_FLOAT32 = 3.4028234663852886e38;
const SMALLEST_NORMAL_FLOAT32 = 1.1754943508222875e-38;

/**
 * Checks the options of dynamicLossScale and fills in the defaults.
 *
 * @throws TypeError, RangeError for what is wrong with an option
 */
export function readDynamicSettings(given: DynamicLossScaleOptions): DynamicLossScaleSettings {
  const options = optionObject(given, "options", WHERE) as DynamicLossScaleOptions;
  knownKeys(options, OPTION_KEYS, WHERE);
  const { convention = "torch" } = options;
  oneOf(convention, CONVENTIONS, "convention", WHERE);
  const paddle = convention === "paddle";
  const { minScale = paddle ? 1 : SMALLEST_NORMAL_FLOAT32, maxScale = LARGEST_FLOAT32 } = options;
  const { initialScale = 65536, growthInterval = 2000, decreaseEvery = 1 } = options;
  const most = Number.MAX_SAFE_INTEGER;
  const settings = {
    initialScale: scaleOption(initialScale, "initialScale", WHERE),
    ...readFactors(options, paddle ? Math.fround : (factor) => factor),
    growthInterval: wholeNumberBetween(growthInterval, 1, most, "growthInterval", WHERE),
    decreaseEvery: wholeNumberBetween(decreaseEvery, 1, most, "decreaseEvery", WHERE),
    minScale: scaleOption(minScale, "minScale", WHERE),
    maxScale: scaleOption(maxScale, "maxScale", WHERE),
    convention,
  };
  const { initialScale: first, minScale: least, maxScale: largest } = settings;
  if (first < least) throw wrongValue("initialScale", WHERE, `at least minScale, ${least}`, first);
  if (first > largest) {
    throw wrongValue("initialScale", WHERE, `at most maxScale, ${largest}`, first);
  }
  return Object.freeze(settings);
}

function readFactors(
  { growthFactor = 2, backoffFactor = 0.5 }: DynamicLossScaleOptions,
  round: (factor: number) => number,
) {
  const grows = (x: number) => round(x) > 1 && round(x) < Infinity;
  const shrinks = (x: number) => round(x) > 0 && round(x) < 1;
  within(growthFactor, "a finite number > 1", grows, "growthFactor", WHERE);
  within(backoffFactor, "a number > 0 and < 1", shrinks, "backoffFactor", WHERE);
  return { growthFactor: round(growthFactor), backoffFactor: round(backoffFactor) };
}

/** A normal number > 0 as float32: gradients are multiplied by its reciprocal, also a float32. */
export function scaleOption(value: unknown, what: string, where: string): number {
  const fits = (x: number) => {
    const scale = Math.fround(x);
    return scale >= SMALLEST_NORMAL_FLOAT32 && scale < Infinity;
  };
  return Math.fround(within(value, "a number >= 2^-126 within float32's range", fits, what, where));
}
