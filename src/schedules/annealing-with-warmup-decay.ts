import { wrongValue } from "../errors.ts";
import { atMost, build, rate, steps, word } from "./fields.ts";
import { warmupField } from "./ramp.ts";
import type { Schedule } from "./schedule.ts";
import { BETWEEN } from "./shapes.ts";

/** What `annealingWithWarmupDecay` takes; Megatron's names in the descriptions. */
export interface AnnealingWithWarmupDecayOptions {
  /** max_lr. */
  readonly peak: number;
  /** min_lr. */
  readonly floor: number;
  /** Steps of the linear warm-up; 0 for none. */
  readonly warmupSteps: number;
  /** Step at which the decay ends, counted from 0 and not from the warm-up: decay_step. */
  readonly totalSteps: number;
  /** The way down: lr_decay_style. */
  readonly decay: "cosine" | "linear";
}

const FIELDS = {
  peak: rate(),
  floor: rate(),
  warmupSteps: warmupField,
  totalSteps: steps(1),
  decay: word(["cosine", "linear"]),
};

/**
 * Megatron's schedule: a warm-up from 0, then a cosine or a line down to the floor, which stays.
 *
 *   W > 0 and k <= W:  peak * k / W
 *   k > T:             floor
 *   else:              floor + (peak - floor) * f((k - W) / (T - W))
 *
 * Source: PaddleNLP CosineAnnealingWithWarmupDecay and LinearAnnealingWithWarmupDecay.
 */
export function annealingWithWarmupDecay(options: AnnealingWithWarmupDecayOptions): Schedule {
  const name = "annealingWithWarmupDecay";
  return build(name, options, FIELDS, ({ peak, floor, warmupSteps, totalSteps, decay }) => {
    if (warmupSteps >= totalSteps) {
      throw wrongValue("warmupSteps", name, `less than totalSteps, ${totalSteps}`, warmupSteps);
    }
    atMost(floor, "floor", peak, "peak", name);
    const way = BETWEEN[decay];
    const at = (k: number) => {
      if (k < warmupSteps) return (peak * k) / warmupSteps;
      if (k > totalSteps) return floor;
      return way(peak, floor, (k - warmupSteps) / (totalSteps - warmupSteps));
    };
    return { base: peak, at };
  });
}
