import { build, positive, rate, switchedOff } from "./fields.ts";
import type { Schedule } from "./schedule.ts";

export interface InverseTimeOptions {
  readonly peak: number;
  /** How fast: after 1 / rate decay periods the rate is half of the peak. */
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
 * peak / (1 + rate * x) with x = k / decayPeriod; with `staircase` the floor of x.
 *
 * Source: Paddle InverseTimeDecay (period 1); Keras InverseTimeDecay and MindSpore InverseDecayLR
 * (decay_steps, staircase / is_stair).
 */
export function inverseTime(options: InverseTimeOptions): Schedule {
  return build("inverseTime", options, FIELDS, ({ peak, rate, decayPeriod, staircase }) => ({
    base: peak,
    at: (k) => {
      // A rate of 0 stays, also where x is more than float64 holds.
      if (rate === 0) return peak;
      const x = k / decayPeriod;
      return peak / (1 + rate * (staircase ? Math.floor(x) : x));
    },
  }));
}
