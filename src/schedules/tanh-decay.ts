import { exp } from "../numbers/exp.ts";
import { atMost, build, finite, rate, steps } from "./fields.ts";
import type { Schedule } from "./schedule.ts";

/** What `tanhDecay` takes. */
export interface TanhDecayOptions {
  /** The rate that the head of the curve starts from. */
  readonly peak: number;
  /** Step from which on the rate is `floor`. */
  readonly totalSteps: number;
  /** The rate that the tail of the curve tends to; 0 by default. */
  readonly floor?: number;
  /** Where on the curve of tanh the decay starts; -7 by default. */
  readonly lower?: number;
  /** Where it ends; 3 by default. */
  readonly upper?: number;
}

const FIELDS = {
  peak: rate(),
  totalSteps: steps(1),
  floor: rate(0),
  lower: finite(-7),
  upper: finite(3),
};

/**
 * floor + (peak - floor) * (1 - tanh(lower * (1 - x) + upper * x)) / 2,   x = k / T; floor from T on.
 *
 * Flat, steep, flat: just below the peak at step 0 and, at the default bounds, 0.25 % of the way
 * above the floor before step T.
 * Source: Hsueh et al. 2019; timm TanhLRScheduler (lb, ub) with one cycle.
 */
export function tanhDecay(options: TanhDecayOptions): Schedule {
  const name = "tanhDecay";
  return build(name, options, FIELDS, ({ peak, totalSteps, floor, lower, upper }) => {
    atMost(floor, "floor", peak, "peak", name);
    const at = (k: number) => {
      if (k >= totalSteps) return floor;
      const x = k / totalSteps;
      // (1 - tanh z) / 2 = 1 / (1 + e^2z)
      return floor + (peak - floor) / (1 + exp(2 * (lower * (1 - x) + upper * x)));
    };
    return { base: peak, at };
  });
}
