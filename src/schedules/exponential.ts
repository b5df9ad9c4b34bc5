import { pow } from "../numbers/pow.ts";
import { build, optional, positive, rate, steps, switchedOff } from "./fields.ts";
import type { Schedule } from "./schedule.ts";

/** What `exponential` takes. */
export interface ExponentialOptions {
  /** The rate at step 0. */
  readonly peak: number;
  /** What multiplies the rate in each decay period. */
  readonly gamma: number;
  /** Steps of a decay period, whole or not; 1 by default. */
  readonly decayPeriod?: number;
  /** Drop at the end of each period only, instead of a little at each step. */
  readonly staircase?: boolean;
  /** Steps at the peak before the decay begins; 0 by default. */
  readonly transitionBegin?: number;
  /** The rate never passes it: a least one for gamma < 1, else a greatest one. */
  readonly endValue?: number;
}

const FIELDS = {
  peak: rate(),
  gamma: rate(),
  decayPeriod: positive(1),
  staircase: switchedOff(),
  transitionBegin: { ...steps(0, 0), quiet: true },
  endValue: optional(rate()),
};

/**
 * peak * gamma^x with x = (k - transitionBegin) / decayPeriod; with `staircase` the floor of x.
 *
 * Source: torch ExponentialLR and Paddle ExponentialDecay (period 1), Composer ExponentialScheduler
 * (decay_period), Keras and MindSpore ExponentialDecay (decay_steps, staircase / is_stair),
 * optax.exponential_decay (transition_steps, staircase, transition_begin, end_value).
 */
export function exponential(options: ExponentialOptions): Schedule {
  return build("exponential", options, FIELDS, (values) => {
    const { peak, gamma, decayPeriod, staircase, transitionBegin, endValue } = values;
    const bound = (value: number) => {
      if (endValue === null) return value;
      return gamma < 1 ? Math.max(value, endValue) : Math.min(value, endValue);
    };
    const at = (k: number) => {
      // Nothing is nothing, also where it is multiplied by more than float64 holds.
      if (k <= transitionBegin || peak === 0) return peak;
      const x = (k - transitionBegin) / decayPeriod;
      return bound(peak * pow(gamma, staircase ? Math.floor(x) : x));
    };
    return { base: peak, at };
  });
}
