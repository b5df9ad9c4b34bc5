import { atMost, build, optional, rate, steps } from "./fields.ts";
import { type RampOptions, rampAt, rampField, startField, warmupField } from "./ramp.ts";
import type { Schedule } from "./schedule.ts";

/** What `inverseSqrt` takes. */
export interface InverseSqrtOptions extends RampOptions {
  /** The rate at the end of the warm-up. */
  readonly peak: number;
  /** Steps after which the rate is peak / sqrt(2); the warm-up's steps by default, or 10,000. */
  readonly timescale?: number;
}

const FIELDS = {
  peak: rate(),
  warmupSteps: warmupField,
  timescale: optional(steps(1)),
  start: startField,
  ramp: rampField,
};

/**
 * A linear warm-up, then a decay with the square root of the step.
 *
 *   k < W:  start + (peak - start) * k / W
 *   else:   peak * sqrt(tau / (k - W + tau))
 *
 * With tau = W the second line is peak * sqrt(W / k): fairseq's inverse_sqrt.
 * Source: transformers get_inverse_sqrt_schedule (timescale), fairseq inverse_square_root_schedule
 * (warmup_init_lr is `start`).
 */
export function inverseSqrt(options: InverseSqrtOptions): Schedule {
  const name = "inverseSqrt";
  return build(name, options, FIELDS, ({ peak, warmupSteps, timescale, start, ramp }) => {
    atMost(start, "start", peak, "peak", name);
    const tau = timescale ?? (warmupSteps || 10_000);
    const at = (k: number) => {
      if (k < warmupSteps) return rampAt(k, start, peak, warmupSteps, ramp);
      return peak / Math.sqrt((k - warmupSteps + tau) / tau);
    };
    return { base: peak, at };
  });
}
