import { type PeriodDecayOptions, periodDecay } from "./period-decay.ts";
import type { Schedule } from "./schedule.ts";

/** What `inverseTime` takes. */
export interface InverseTimeOptions extends PeriodDecayOptions {
  /** How fast: after 1 / rate decay periods the rate is half of the peak. */
  readonly rate: number;
}

/**
 * peak / (1 + rate * x) with x = k / decayPeriod; with `staircase` the floor of x.
 *
 * Source: Paddle InverseTimeDecay (period 1); Keras InverseTimeDecay and MindSpore InverseDecayLR
 * (decay_steps, staircase / is_stair).
 */
export function inverseTime(options: InverseTimeOptions): Schedule {
  return periodDecay("inverseTime", options, (peak, rate, x) => peak / (1 + rate * x));
}
