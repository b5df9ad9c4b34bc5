import { show, wrongKind, wrongValue } from "../errors.ts";
import {
  isFloat32Array,
  isPlainRecord,
  knownKeys,
  optionObject,
  requireLength,
  wholeNumberBetween,
} from "../validate.ts";
import type { WeightAverageSettings } from "./weight-average-options.ts";

/** An average on its way: what it was made with, and where it stands. */
export interface WeightAverageState extends WeightAverageSettings {
  /** The step of the optimizer that was seen last. */
  readonly step: number;
  /** Samples in the average so far. */
  readonly samples: number;
  /** What all samples weigh, the newest weighing 1. */
  readonly weight: number;
  /** float32[length] of each parameter; null without a sample. */
  readonly average: Readonly<Record<string, Float32Array<ArrayBuffer>>> | null;
}

/** Where an average stands, and the arrays still the caller's. */
type Progress = Omit<WeightAverageState, keyof WeightAverageSettings>;

const WHERE = "the weight average's state";
const SETTINGS = ["algorithm", "alpha", "interleaveSteps", "fusedSteps"] as const;
const KEYS = [...SETTINGS, "step", "samples", "weight", "average"];

/**
 * Checks a state against what it is to be restored into.
 *
 * @param parameters the arrays that it would be copied into
 * @param steps      that the optimizer has applied
 * @throws TypeError, RangeError for what does not fit
 */
export function readAverageState(
  input: unknown,
  settings: WeightAverageSettings,
  parameters: ReadonlyMap<string, Float32Array>,
  steps: number,
): Progress {
  const state = optionObject(input, "state", "restore");
  knownKeys(state, KEYS, WHERE);
  for (const key of SETTINGS) {
    if (state[key] === settings[key]) continue;
    throw wrongValue(key, WHERE, show(settings[key]), state[key], "Options must be the same");
  }
  const remedy = "Load the optimizer's own state first";
  const step = wholeNumberBetween(state.step, 0, Number.MAX_SAFE_INTEGER, "step", WHERE);
  if (step > steps)
    throw wrongValue("step", WHERE, `at most the optimizer's, ${steps}`, step, remedy);
  // More than fusedSteps where a merge was refused.
  const samples = wholeNumberBetween(state.samples, 0, Number.MAX_SAFE_INTEGER, "samples", WHERE);
  return {
    step,
    samples,
    weight: readWeight(state.weight, samples),
    average: readArrays(state.average, samples, parameters),
  };
}

/** n samples weigh from 1 (the newest alone) to n (all alike). */
function readWeight(weight: unknown, samples: number): number {
  const least = Math.min(samples, 1);
  const expected = `a number from ${least} to ${samples}`;
  if (typeof weight !== "number") throw wrongKind("weight", WHERE, expected, weight);
  if (!(weight >= least && weight <= samples)) throw wrongValue("weight", WHERE, expected, weight);
  return weight;
}

function readArrays(
  average: unknown,
  samples: number,
  parameters: ReadonlyMap<string, Float32Array>,
): Progress["average"] {
  if (samples === 0) {
    if (average === null) return null;
    throw wrongKind("average", WHERE, "null without a sample", average);
  }
  if (!isPlainRecord(average)) {
    throw wrongKind("average", WHERE, "a record of name to Float32Array", average);
  }
  for (const name of Object.keys(average)) {
    if (!parameters.has(name)) throw wrongValue("average", WHERE, "names of parameters", name);
  }
  for (const [name, { length }] of parameters) {
    const values = average[name];
    const where = `parameter ${show(name)} in ${WHERE}`;
    if (!isFloat32Array(values)) throw wrongKind("average", where, "a Float32Array", values);
    requireLength(values, length, "average", where);
  }
  return average as Progress["average"];
}
