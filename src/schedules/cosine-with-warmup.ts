import { type PastWave, pastField } from "./cosine-annealing.ts";
import { build, positive, quiet, rate, steps, word } from "./fields.ts";
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

/** What `cosineWithWarmup` takes. */
export interface CosineWithWarmupOptions extends RampOptions {
  /** The rate at the end of the warm-up. */
  readonly peak: number;
  /** Steps of the linear warm-up; 0 for none. */
  readonly warmupSteps: number;
  /** Step from which on the rate stays; the warm-up is part of it. */
  readonly totalSteps: number;
  /** The rate at the bottom of the wave; 0 by default. */
  readonly floor?: number;
  /** The rate at step 0, where there is a warm-up; 0 by default. */
  readonly start?: number;
  /**
   * Whole waves after the warm-up. 0.5, the default, goes down once: transformers, MindFormers.
   * PaddleNLP's default is 1, which goes down and comes back to the peak at the end.
   */
  readonly cycles?: number;
  /**
   * How far step k is in the wave: "k-W" (default) or one step ahead, "k-W+1", as in transformers'
   * cosine_warmup_with_min_lr, whose first update after the warm-up is already below the peak.
   */
  readonly progress?: "k-W" | "k-W+1";
  /**
   * Past T: "hold" the last rate (default: Composer, MindFormers, Keras, optax) or "oscillate", as
   * the wave of transformers and PaddleNLP goes on.
   */
  readonly past?: PastWave;
}

const FIELDS = {
  peak: rate(),
  warmupSteps: warmupField,
  totalSteps: steps(1),
  floor: rate(0),
  start: startField,
  cycles: quiet(positive(0.5)),
  ramp: rampField,
  progress: word(["k-W", "k-W+1"], "k-W"),
  past: pastField(),
};

/**
 * A linear warm-up from `start` to `peak`, then half a cosine wave down to `floor`, which stays.
 *
 *   k < W:  start + (peak - start) * k / W
 *   else:   floor + (peak - floor) * (1 + cos(2 pi c x)) / 2,   x = min(1, (k - W) / (T - W))
 *
 * With start and floor 0 these are the values of transformers' get_cosine_schedule_with_warmup at
 * its default of half a cycle: the first update of a warm-up from 0 moves no weight. `floor` is
 * transformers' min_lr (min_lr_rate times the peak), Composer's alpha_f times the peak, MindFormers'
 * lr_end. transformers' cosine_warmup_with_min_lr is ramp: "(k+1)/W" (with warmup_lr_rate: start and
 * ramp "k/(W-1)") and progress: "k-W+1".
 *
 * @throws TypeError, RangeError for an option of the wrong kind or out of range
 */
export function cosineWithWarmup(options: CosineWithWarmupOptions): Schedule {
  const name = "cosineWithWarmup";
  return build(name, options, FIELDS, (values) => {
    checkWarmed(values, name);
    const { peak, warmupSteps, totalSteps, floor, start, cycles, ramp, progress, past } = values;
    const ahead = progress === "k-W+1" ? 1 : 0;
    const at = (k: number) => {
      if (k < warmupSteps) return rampAt(k, start, peak, warmupSteps, ramp);
      const whole = (k - warmupSteps + ahead) / (totalSteps - warmupSteps);
      const x = past === "hold" ? Math.min(1, whole) : whole;
      return cosineBetween(peak, floor, 2 * cycles * x);
    };
    return { base: peak, at };
  });
}
