import { exp } from "../numbers/exp.ts";
import { type PeriodDecayOptions, periodDecay } from "./period-decay.ts";
import type { Schedule } from "./schedule.ts";

/** What `naturalExp` takes. */
export interface NaturalExpOptions extends PeriodDecayOptions {
  /** How fast: after a decay period the rate is e^-rate of what it was. */
  readonly rate: number;
}

/**
 * peak * e^(-rate * x) with x = k / decayPeriod; with `staircase` the floor of x.
 *
 * Source: Paddle NaturalExpDecay (period 1). MindSpore's NaturalExpDecayLR counts its decay_rate per
 * step: without is_stair it ignores decay_steps (period 1 here), with it the rate of a period is
 * decay_rate * decay_steps.
 */
export function naturalExp(options: NaturalExpOptions): Schedule {
  return periodDecay("naturalExp", options, (peak, rate, x) => peak * exp(-rate * x));
}
