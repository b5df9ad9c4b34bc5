import { wrongValue } from "../errors.ts";
import { atMost, rate, steps, word } from "./fields.ts";

/**
 * How far the warm-up is at step k, of W steps:
 *
 *   "k/W"      0 at step 0, the peak at step W: transformers, Paddle, MindFormers, Composer
 *   "(k+1)/W"  1/W at step 0, the peak at step W - 1: no update is lost to a rate of 0
 *   "k/(W-1)"  `start` at step 0, the peak at step W - 1: transformers' warmup_lr_rate
 */
export type Ramp = "k/W" | "(k+1)/W" | "k/(W-1)";

/** What schedules with a linear warm-up have in common. */
export interface RampOptions {
  /** Steps of the linear warm-up; 0 for none. */
  readonly warmupSteps: number;
  /** The rate from which the warm-up starts; 0 by default. */
  readonly start?: number;
  /** Where in the warm-up step k stands; "k/W" by default. */
  readonly ramp?: Ramp;
}

const RAMPS: readonly Ramp[] = ["k/W", "(k+1)/W", "k/(W-1)"];

export const warmupField = steps(0);
export const startField = rate(0);
export const rampField = word(RAMPS, "k/W");

/** The rate at step k of a warm-up, 0 <= k < steps. */
export function rampAt(k: number, start: number, end: number, warmupSteps: number, ramp: Ramp) {
  const done = ramp === "(k+1)/W" ? k + 1 : k;
  const steps = ramp === "k/(W-1)" ? Math.max(1, warmupSteps - 1) : warmupSteps;
  // Downwards to 0 the sum may be one rounding below it.
  return Math.max(0, start + ((end - start) * done) / steps);
}

interface Warmed {
  readonly peak: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
  readonly floor: number;
  readonly start: number;
}

/** The checks that all schedules share which warm up to a peak and are at their floor at the end. */
export function checkWarmed(values: Warmed, where: string): void {
  const { peak, warmupSteps, totalSteps, floor, start } = values;
  if (warmupSteps >= totalSteps) {
    throw wrongValue("warmupSteps", where, `less than totalSteps, ${totalSteps}`, warmupSteps);
  }
  atMost(floor, "floor", peak, "peak", where);
  atMost(start, "start", peak, "peak", where);
}
