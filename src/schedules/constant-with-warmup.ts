import { atMost, build, rate } from "./fields.ts";
import { type RampOptions, rampAt, rampField, startField, warmupField } from "./ramp.ts";
import type { Schedule } from "./schedule.ts";

/** What `constantWithWarmup` takes. */
export interface ConstantWithWarmupOptions extends RampOptions {
  /** The rate at the end of the warm-up, which stays. */
  readonly peak: number;
}

const FIELDS = { peak: rate(), warmupSteps: warmupField, start: startField, ramp: rampField };

/**
 * A linear warm-up, then the peak for ever.
 *
 *   k < W:  start + (peak - start) * k / W
 *   else:   peak
 *
 * Source: transformers get_constant_schedule_with_warmup, MindFormers ConstantWarmUpLR, Composer
 * ConstantWithWarmupScheduler. Composer's goes back to a multiplier of 1 from t_max on, whatever
 * its alpha: join it with `sequential` where that is wanted.
 */
export function constantWithWarmup(options: ConstantWithWarmupOptions): Schedule {
  const name = "constantWithWarmup";
  return build(name, options, FIELDS, ({ peak, warmupSteps, start, ramp }) => {
    atMost(start, "start", peak, "peak", name);
    const at = (k: number) => (k < warmupSteps ? rampAt(k, start, peak, warmupSteps, ramp) : peak);
    return { base: peak, at };
  });
}
