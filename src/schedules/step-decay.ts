import { ipow } from "../numbers/ipow.ts";
import { build, rate, steps } from "./fields.ts";
import type { Schedule } from "./schedule.ts";

/** What `stepDecay` takes. */
export interface StepDecayOptions {
  /** The rate at step 0. */
  readonly peak: number;
  /** Steps between two drops. */
  readonly stepSize: number;
  /** What multiplies the rate at each drop; 0.1 by default, as everywhere. */
  readonly gamma?: number;
}

const FIELDS = { peak: rate(), stepSize: steps(1), gamma: rate(0.1) };

/**
 * peak * gamma^floor(k / stepSize).
 *
 * Source: torch StepLR, Paddle StepDecay, Composer StepScheduler, timm StepLRScheduler.
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  return build("stepDecay", options, FIELDS, ({ peak, stepSize, gamma }) => ({
    base: peak,
    at: (k) => peak * ipow(gamma, Math.floor(k / stepSize)),
  }));
}
