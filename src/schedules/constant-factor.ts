import { build, rate, steps } from "./fields.ts";
import type { Schedule } from "./schedule.ts";

/** What `constantFactor` takes. */
export interface ConstantFactorOptions {
  /** The rate after the first steps. */
  readonly base: number;
  /** What multiplies the base at first; torch's default is 1/3. */
  readonly factor: number;
  /** Step from which on the rate is `base`; torch's default is 5. */
  readonly totalSteps: number;
}

const FIELDS = { base: rate(), factor: rate(), totalSteps: steps(0) };

/**
 * base * factor for the first T steps, then base.
 *
 * Source: torch ConstantLR; Composer ConstantScheduler (alpha, t_max).
 */
export function constantFactor(options: ConstantFactorOptions): Schedule {
  return build("constantFactor", options, FIELDS, ({ base, factor, totalSteps }) => ({
    base,
    at: (k) => (k < totalSteps ? base * factor : base),
  }));
}
