import { exp } from "../numbers/exp.ts";
import { build, positive, rate, switchedOff } from "./fields.ts";
import type { Schedule } from "./schedule.ts";

export interface NaturalExpOptions {
  readonly peak: number;
  /** How fast: after a decay period the rate is e^-rate of what it was. */
  readonly rate: number;
  /** Steps of a decay period, whole or not; 1 by default. */
  readonly decayPeriod?: number;
  /** Drop at the end of each period only, instead of a little at each step. */
  readonly staircase?: boolean;
}

const FIELDS = {
  peak: rate(),
  rate: rate(),
  decayPeriod: positive(1),
  staircase: switchedOff(),
};

/**
 * peak * e^(-rate * x) with x = k / decayPeriod; with `staircase` the floor of x.
 *
 * Source: Paddle NaturalExpDecay (period 1). MindSpore's NaturalExpDecayLR counts its decay_rate per
 * step: without is_stair it ignores decay_steps (period 1 here), with it the rate of a period is
 * decay_rate * decay_steps.
 */
export function naturalExp(options: NaturalExpOptions): Schedule {
  return build("naturalExp", options, FIELDS, ({ peak, rate, decayPeriod, staircase }) => ({
    base: peak,
    at: (k) => {
      // A rate of 0 stays, also where x is more than float64 holds.
      if (rate === 0) return peak;
      const x = k / decayPeriod;
      return peak * exp(-rate * (staircase ? Math.floor(x) : x));
    },
  }));
}
