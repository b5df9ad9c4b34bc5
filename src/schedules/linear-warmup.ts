import { build, rate, word } from "./fields.ts";
import { type Nested, nestedField } from "./nested.ts";
import { type RampOptions, rampAt, rampField, startField, warmupField } from "./ramp.ts";
import type { Schedule } from "./schedule.ts";

/** What `linearWarmup` takes. */
export interface LinearWarmupOptions extends RampOptions {
  /** The rate at which the warm-up ends and the schedule takes over. */
  readonly end: number;
  /** What follows the warm-up. */
  readonly schedule: Nested;
  /**
   * The step that the schedule is asked for after W steps of warm-up: "k-W", so that it starts at
   * its own step 0 (default: Paddle; timm's warmup_prefix), or "k", so that it has gone on under
   * the warm-up (Composer's MultiStepWithWarmupScheduler, timm's default).
   */
  readonly clock?: "k-W" | "k";
}

const FIELDS = {
  warmupSteps: warmupField,
  start: startField,
  end: rate(),
  schedule: nestedField(),

  clock: word(["k-W", "k"], "k-W"),
  ramp: rampField,
};

/**
 * A linear warm-up before any schedule.
 *
 *   k < W:  start + (end - start) * k / W
 *   else:   schedule(k - W)
 *
 * Source: paddle.optimizer.lr.LinearWarmup. `end` is usually the schedule's rate at its step 0, but
 * nothing requires that.
 */
export function linearWarmup(options: LinearWarmupOptions): Schedule {
  return build("linearWarmup", options, FIELDS, (values) => {
    const { warmupSteps, start, end, schedule, ramp, clock } = values;
    const offset = clock === "k" ? 0 : warmupSteps;
    const at = (k: number) =>
      k < warmupSteps ? rampAt(k, start, end, warmupSteps, ramp) : schedule(k - offset);
    return { base: schedule.base, at };
  });
}
