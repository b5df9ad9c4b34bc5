import { build, positive, rate, switchedOff } from "./fields.ts";
import type { Schedule } from "./schedule.ts";

/** Options of a decay by how many periods have passed. */
export interface PeriodDecayOptions {
  /** The rate at step 0. */
  readonly peak: number;
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
 * A decay by x = k / decayPeriod; with `staircase` the floor of it.
 *
 * @param at the rate after x periods
 */
export function periodDecay(
  name: string,
  options: PeriodDecayOptions,
  at: (peak: number, rate: number, x: number) => number,
): Schedule {
  return build(name, options, FIELDS, ({ peak, rate, decayPeriod, staircase }) => ({
    base: peak,
    at: (k) => {
      // A rate of 0 stays, also where x is more than float64 holds.
      if (rate === 0) return peak;
      const x = k / decayPeriod;
      return at(peak, rate, staircase ? Math.floor(x) : x);
    },
  }));
}
