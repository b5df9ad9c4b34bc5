import { wrongKind, wrongValue } from "../errors.ts";
import { flag, knownKeys, oneOf, optionObject, wholeNumberBetween } from "../validate.ts";

/** Exponential or simple (unweighted) average of the samples. */
export type AverageAlgorithm = "ema" | "sma";
const ALGORITHMS: readonly AverageAlgorithm[] = ["ema", "sma"];

/** What `WeightAverage` takes; MindFormers' names in brackets. */
export interface WeightAverageOptions {
  /** [fused_algo] Default "ema". */
  readonly algorithm?: AverageAlgorithm | undefined;
  /** [ema_alpha] Of "ema": the share of the newest sample; in (0, 1). Default 0.2. */
  readonly alpha?: number | undefined;
  /** [interleave_step] Applied steps from sample to sample; whole, >= 1. Default 1000. */
  readonly interleaveSteps?: number | undefined;
  /** [fused_num] Samples from merge to merge; whole, >= 1. Default 10. */
  readonly fusedSteps?: number | undefined;
  /** Whether the average becomes the optimizer's weights after fusedSteps samples. Default true. */
  readonly merge?: boolean | undefined;
}

/** The options in force, as plain data. */
export interface WeightAverageSettings {
  /** How samples are averaged. */
  readonly algorithm: AverageAlgorithm;
  /** 1 - keep; 0 for "sma", where every sample counts alike. */
  readonly alpha: number;
  /** Applied steps from sample to sample. */
  readonly interleaveSteps: number;
  /** null: never merged. */
  readonly fusedSteps: number | null;
}

const WHERE = "WeightAverage";
const KEYS: readonly string[] = [
  "algorithm",
  "alpha",
  "interleaveSteps",
  "fusedSteps",
  "merge",
] satisfies (keyof WeightAverageOptions)[];

/**
 * Checks the options and fills in the defaults. What another option makes meaningless is refused.
 *
 * @throws TypeError, RangeError
 */
export function readAverageOptions(input: unknown): WeightAverageSettings {
  const options = optionObject(input, "options", WHERE);
  knownKeys(options, KEYS, WHERE);
  const { interleaveSteps = 1000, merge = true } = options;
  const algorithm =
    options.algorithm === undefined
      ? "ema"
      : oneOf(options.algorithm, ALGORITHMS, "algorithm", WHERE);
  return Object.freeze({
    algorithm,
    alpha: readAlpha(options.alpha, algorithm),
    interleaveSteps: count(interleaveSteps, "interleaveSteps"),
    fusedSteps: readFusedSteps(options.fusedSteps, flag(merge, "merge", WHERE)),
  });
}

function readAlpha(alpha: unknown, algorithm: AverageAlgorithm): number {
  if (algorithm === "sma") {
    if (alpha === undefined) return 0;
    throw wrongValue("alpha", WHERE, `none with algorithm "sma"`, alpha);
  }
  if (alpha === undefined) return 0.2;
  const expected = "a number in (0, 1)";
  if (typeof alpha !== "number") throw wrongKind("alpha", WHERE, expected, alpha);
  if (!(alpha > 0 && alpha < 1)) throw wrongValue("alpha", WHERE, expected, alpha);
  return alpha;
}

function readFusedSteps(fusedSteps: unknown, merge: boolean): number | null {
  if (merge) return fusedSteps === undefined ? 10 : count(fusedSteps, "fusedSteps");
  if (fusedSteps === undefined) return null;
  throw wrongValue("fusedSteps", WHERE, "none with merge: false", fusedSteps);
}

const count = (value: unknown, what: string) =>
  wholeNumberBetween(value, 1, Number.MAX_SAFE_INTEGER, what, WHERE);
