import { build, positive, rate, steps } from "./fields.ts";
import {
  checkWarmed,
  type RampOptions,
  rampAt,
  rampField,
  startField,
  warmupField,
} from "./ramp.ts";
import type { Schedule } from "./schedule.ts";
import { cosineBetween } from "./shapes.ts";

/** What `cosineWithHardRestarts` takes. */
export interface CosineWithHardRestartsOptions extends RampOptions {
  /** The rate at the end of the warm-up and after each restart. */
  readonly peak: number;
  /** Step from which on the rate is `floor`; the warm-up is part of it. */
  readonly totalSteps: number;
  /**
   * Half waves, each from the peak to the floor: 1 in transformers and MindFormers, where it makes
   * no restart at all; 0.5 in PaddleNLP. Required.
   */
  readonly cycles: number;
  /** The rate at the end of each half wave; 0 by default. */
  readonly floor?: number;
}

const FIELDS = {
  peak: rate(),
  warmupSteps: warmupField,
  totalSteps: steps(1),
  cycles: positive(),
  floor: rate(0),
  start: startField,
  ramp: rampField,
};

/**
 * A linear warm-up from `start` to `peak`, then half cosine waves, each from the peak again.
 *
 *   k < W:   start + (peak - start) * k / W
 *   k < T:   floor + (peak - floor) * (1 + cos(pi * ((c * x) mod 1))) / 2,   x = (k - W) / (T - W)
 *   k >= T:  floor
 *
 * Source: transformers get_cosine_with_hard_restarts_schedule_with_warmup, PaddleNLP
 * CosineDecayWithWarmup (with_hard_restarts), MindFormers CosineWithRestartsAndWarmUpLR, which
 * between T and its decay_steps gives 0 instead of its lr_end; that is not repeated here.
 */
export function cosineWithHardRestarts(options: CosineWithHardRestartsOptions): Schedule {
  const name = "cosineWithHardRestarts";
  return build(name, options, FIELDS, (values) => {
    checkWarmed(values, name);
    const { peak, warmupSteps, totalSteps, cycles, floor, start, ramp } = values;
    const at = (k: number) => {
      if (k < warmupSteps) return rampAt(k, start, peak, warmupSteps, ramp);
      if (k >= totalSteps) return floor;
      const turns = (cycles * (k - warmupSteps)) / (totalSteps - warmupSteps);
      return cosineBetween(peak, floor, turns - Math.floor(turns));
    };
    return { base: peak, at };
  });
}
