import { build, rate, steps } from "./fields.ts";
import {
  checkWarmed,
  type RampOptions,
  rampAt,
  rampField,
  startField,
  warmupField,
} from "./ramp.ts";
import type { Schedule } from "./schedule.ts";

/** What `linearWithWarmup` takes. */
export interface LinearWithWarmupOptions extends RampOptions {
  /** The rate at the end of the warm-up. */
  readonly peak: number;
  /** Step from which on the rate is `floor`; the warm-up is part of it. */
  readonly totalSteps: number;
  /** The rate at the end; 0 by default. */
  readonly floor?: number;
}

const FIELDS = {
  peak: rate(),
  warmupSteps: warmupField,
  totalSteps: steps(1),
  floor: rate(0),
  start: startField,
  ramp: rampField,
};

/**
 * A linear warm-up from `start` to `peak`, then a straight line down to `floor`, which stays.
 *
 *   k < W:  start + (peak - start) * k / W
 *   else:   floor + (peak - floor) * max(0, (T - k) / (T - W))
 *
 * Source: transformers get_linear_schedule_with_warmup, PaddleNLP LinearDecayWithWarmup,
 * MindFormers LinearWithWarmUpLR (all: floor 0), Composer LinearWithWarmupScheduler (alpha_f).
 */
export function linearWithWarmup(options: LinearWithWarmupOptions): Schedule {
  const name = "linearWithWarmup";
  return build(name, options, FIELDS, (values) => {
    checkWarmed(values, name);
    const { peak, warmupSteps, totalSteps, floor, start, ramp } = values;
    const at = (k: number) => {
      if (k < warmupSteps) return rampAt(k, start, peak, warmupSteps, ramp);
      const left = Math.max(0, (totalSteps - k) / (totalSteps - warmupSteps));
      return floor + (peak - floor) * left;
    };
    return { base: peak, at };
  });
}
