import { pow } from "../numbers/pow.ts";
import { atMost, build, positive, quiet, rate, steps, switchedOff } from "./fields.ts";
import type { Schedule } from "./schedule.ts";

/** What `polynomial` takes. */
export interface PolynomialOptions {
  /** The rate at step 0. */
  readonly peak: number;
  /** Step from which on the rate is `floor`. */
  readonly totalSteps: number;
  /** 1 is a straight line. Defaults differ (torch, Paddle, Keras 1; timm 0.5), so it is required. */
  readonly power: number;
  /** The rate at the end; 0 by default. Paddle's and Keras's default is 1e-4. */
  readonly floor?: number;
  /**
   * After T steps go on to 2T, then 3T, ...: the rate jumps up to where a decay over the longer time
   * would be. Paddle and Keras `cycle`, MindSpore update_decay_steps.
   */
  readonly cycle?: boolean;
  /** Exponent of the progress itself, timm's k_decay: above 1 stays high for longer. Default 1. */
  readonly kDecay?: number;
}

const FIELDS = {
  peak: rate(),
  totalSteps: steps(1),
  power: positive(),
  floor: rate(0),
  cycle: switchedOff(),
  kDecay: quiet(positive(1)),
};

/**
 * floor + (peak - floor) * (1 - x^kDecay)^power with x = min(k, T) / T.
 *
 * With `cycle`, T is T * max(1, ceil(k / T)) instead.
 * Source: torch PolynomialLR, Paddle PolynomialDecay, Composer PolynomialScheduler, Keras
 * PolynomialDecay, MindSpore PolynomialDecayLR, optax.polynomial_schedule, timm PolyLRScheduler.
 * Composer's does not stop at T: it comes up again for an even power. Here it stops.
 */
export function polynomial(options: PolynomialOptions): Schedule {
  const name = "polynomial";
  return build(name, options, FIELDS, ({ peak, totalSteps, power, floor, cycle, kDecay }) => {
    atMost(floor, "floor", peak, "peak", name);
    const at = (k: number) => {
      const length = cycle ? totalSteps * Math.max(1, Math.ceil(k / totalSteps)) : totalSteps;
      const x = Math.min(1, k / length);
      return floor + (peak - floor) * pow(1 - (kDecay === 1 ? x : pow(x, kDecay)), power);
    };
    return { base: peak, at };
  });
}
