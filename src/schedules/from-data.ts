import { wrongKind, wrongValue } from "../errors.ts";
import { optionObject } from "../validate.ts";
import { annealingWithWarmupDecay } from "./annealing-with-warmup-decay.ts";
import { chained } from "./chained.ts";
import { constant } from "./constant.ts";
import { constantFactor } from "./constant-factor.ts";
import { constantWithCoolDown } from "./constant-with-cool-down.ts";
import { constantWithWarmup } from "./constant-with-warmup.ts";
import { cosineAnnealing } from "./cosine-annealing.ts";
import { cosineWithHardRestarts } from "./cosine-with-hard-restarts.ts";
import { cosineWithWarmup } from "./cosine-with-warmup.ts";
import { cyclic } from "./cyclic.ts";
import { exponential } from "./exponential.ts";
import { greedy } from "./greedy.ts";
import { inverseSqrt } from "./inverse-sqrt.ts";
import { inverseTime } from "./inverse-time.ts";
import { lambda } from "./lambda.ts";
import { linear } from "./linear.ts";
import { linearWarmup } from "./linear-warmup.ts";
import { linearWithWarmup } from "./linear-with-warmup.ts";
import { multiStep } from "./multi-step.ts";
import { multiplicative } from "./multiplicative.ts";
import { naturalExp } from "./natural-exp.ts";
import { noam } from "./noam.ts";
import { oneCycle } from "./one-cycle.ts";
import { piecewiseConstant } from "./piecewise-constant.ts";
import { piecewiseInterpolate } from "./piecewise-interpolate.ts";
import { polynomial } from "./polynomial.ts";
import { polynomialWithWarmup } from "./polynomial-with-warmup.ts";
import { reduceOnPlateau } from "./reduce-on-plateau.ts";
import { scaled } from "./scaled.ts";
import type { Schedule } from "./schedule.ts";
import { sequential } from "./sequential.ts";
import { stepDecay } from "./step-decay.ts";
import { tanhDecay } from "./tanh-decay.ts";
import { triStage } from "./tri-stage.ts";
import { vector } from "./vector.ts";
import { warmRestarts } from "./warm-restarts.ts";
import { warmupStableDecay } from "./warmup-stable-decay.ts";

/** Every schedule by its name. Each checks its own options, whatever they claim to be. */
export const SCHEDULES = {
  annealingWithWarmupDecay,
  chained,
  constant,
  constantFactor,
  constantWithCoolDown,
  constantWithWarmup,
  cosineAnnealing,
  cosineWithHardRestarts,
  cosineWithWarmup,
  cyclic,
  exponential,
  greedy,
  inverseSqrt,
  inverseTime,
  lambda,
  linear,
  linearWarmup,
  linearWithWarmup,
  multiStep,
  multiplicative,
  naturalExp,
  noam,
  oneCycle,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomial,
  polynomialWithWarmup,
  reduceOnPlateau,
  scaled,
  sequential,
  stepDecay,
  tanhDecay,
  triStage,
  vector,
  warmRestarts,
  warmupStableDecay,
};

export type ScheduleName = keyof typeof SCHEDULES;

/** Schedules inside of schedules, at most: data may come from a file. */
const MOST_LEVELS = 100;

/**
 * The schedule that the data are of: scheduleFromData(s.schedule) has the values of s at every k.
 * A metric's schedule starts anew; its state is apart, see `restore`.
 *
 * @throws TypeError for what is no such data, and for a schedule that holds a function;
 *   RangeError for an unknown name or a wrong option
 */
export function scheduleFromData(data: unknown): Schedule {
  return rebuild(data, "data", 1);
}

function rebuild(data: unknown, what: string, level: number): Schedule {
  const where = "scheduleFromData";
  if (level > MOST_LEVELS) {
    throw wrongValue(what, where, `at most ${MOST_LEVELS} schedules inside each other`, level);
  }
  if (!isData(data)) throw wrongKind(what, where, "the data of a schedule", data);
  const { name } = data;
  if (!Object.hasOwn(SCHEDULES, name)) {
    const known = Object.keys(SCHEDULES).join(", ");
    throw wrongValue(`${what}.name`, where, `one of ${known}`, name);
  }
  if (name === "lambda" || name === "multiplicative") {
    const remedy = `Make it with ${name}() and its function`;
    throw wrongKind(what, where, "a schedule that is wholly data", `${name}`, remedy);
  }
  const given = optionObject(data.options, `${what}.options`, where);
  const options = Object.entries(given).map(([key, value]) => {
    const place = `${what}.options.${key}`;
    if (isData(value)) return [key, rebuild(value, place, level + 1)];
    if (!Array.isArray(value) || !value.some(isData)) return [key, value];
    return [key, value.map((each, i) => rebuild(each, `${place}[${i}]`, level + 1))];
  });
  const make = SCHEDULES[name as ScheduleName] as (options: unknown) => Schedule;
  return make(Object.fromEntries(options));
}

function isData(value: unknown): value is { name: string; options: unknown } {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { name?: unknown }).name === "string" &&
    "options" in value
  );
}
