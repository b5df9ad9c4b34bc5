import { ipow } from "../numbers/ipow.ts";
import { build, rate, stepList } from "./fields.ts";
import { countUpTo } from "./intervals.ts";
import type { Schedule } from "./schedule.ts";

/** What `multiStep` takes. */
export interface MultiStepOptions {
  /** The rate at step 0. */
  readonly peak: number;
  /** Steps at which the rate drops, ascending; one that stands there twice drops it twice. */
  readonly milestones: readonly number[];
  /** What multiplies the rate at each milestone; 0.1 by default, as everywhere. */
  readonly gamma?: number;
}

const FIELDS = { peak: rate(), milestones: stepList({ twice: true }), gamma: rate(0.1) };

/**
 * peak * gamma^(number of milestones <= k).
 *
 * Source: torch MultiStepLR (which counts duplicate milestones twice), Paddle MultiStepDecay,
 * Composer MultiStepScheduler. Composer's MultiStepWithWarmupScheduler counts its milestones from
 * step 0: linearWarmup({ ..., schedule: multiStep(...), clock: "k" }).
 */
export function multiStep(options: MultiStepOptions): Schedule {
  return build("multiStep", options, FIELDS, ({ peak, milestones, gamma }) => ({
    base: peak,
    at: (k) => peak * ipow(gamma, countUpTo(milestones, k)),
  }));
}
