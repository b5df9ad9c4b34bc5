import { build, rate, steps } from "./fields.ts";
import type { Schedule } from "./schedule.ts";
import { linearBetween } from "./shapes.ts";

/** What `linear` takes. */
export interface LinearOptions {
  /** What the factors multiply. */
  readonly base: number;
  /** What multiplies the base at step 0. */
  readonly startFactor: number;
  /** What multiplies the base from step `totalSteps` on. */
  readonly endFactor: number;
  /** Step at which the line ends. */
  readonly totalSteps: number;
}

const FIELDS = { base: rate(), startFactor: rate(), endFactor: rate(), totalSteps: steps(1) };

/**
 * A straight line from one factor to another, which stays.
 *
 *   base * (f0 + (f1 - f0) * min(k, T) / T)
 *
 * Source: torch and Paddle LinearLR (f0 1/3, f1 1, T 5), Composer LinearScheduler (f0 1, f1 0, T the
 * whole training): the defaults contradict each other, so here all are required.
 */
export function linear(options: LinearOptions): Schedule {
  return build("linear", options, FIELDS, ({ base, startFactor, endFactor, totalSteps }) => ({
    base,
    at: (k) => base * linearBetween(startFactor, endFactor, Math.min(1, k / totalSteps)),
  }));
}
