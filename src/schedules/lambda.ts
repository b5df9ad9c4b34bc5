import { build, rate, stepFunction } from "./fields.ts";
import type { Schedule, ScheduleFunction } from "./schedule.ts";

/** What `lambda` takes. */
export interface LambdaOptions {
  /** What the function's factor multiplies. */
  readonly base: number;
  /** A pure function of the step. */
  readonly factor: ScheduleFunction;
}

const FIELDS = { base: rate(), factor: stepFunction() };

/**
 * base * factor(k), with a function of yours.
 *
 * Its data say "function", so it cannot be rebuilt from them: give the function again.
 * Source: torch LambdaLR, Paddle LambdaDecay, Composer's own functions.
 */
export function lambda(options: LambdaOptions): Schedule {
  return build("lambda", options, FIELDS, ({ base, factor }) => ({
    base,
    at: (k) => base * factor(k),
  }));
}
