import { pow } from "../numbers/pow.ts";
import { atMost, build, positive, quiet, rate, steps, word } from "./fields.ts";
import type { Schedule } from "./schedule.ts";
import { cosineBetween } from "./shapes.ts";

/** After the last step: "hold" the rate, or let the wave "oscillate" back to the peak and on. */
export type PastWave = "hold" | "oscillate";

/** What `cosineAnnealing` takes. */
export interface CosineAnnealingOptions {
  /** The rate at step 0. */
  readonly peak: number;
  /** Steps of half a wave: torch's T_max. */
  readonly totalSteps: number;
  /** The rate at the end of the half wave; 0 by default. */
  readonly floor?: number;
  /** Past T: "hold" the floor (default) or "oscillate". */
  readonly past?: PastWave;
  /** Exponent of the progress, timm's k_decay: above 1 stays high for longer. Default 1. */
  readonly kDecay?: number;
}

const FIELDS = {
  peak: rate(),
  totalSteps: steps(1),
  floor: rate(0),
  past: pastField(),
  kDecay: quiet(positive(1)),
};

export function pastField() {
  return word<PastWave>(["hold", "oscillate"], "hold");
}

/**
 * floor + (peak - floor) * (1 + cos(pi * x)) / 2 with x = min(1, k / T)^kDecay.
 *
 * With past: "oscillate", x is k / T, so that at 2T the rate is at its peak again: torch's
 * CosineAnnealingLR, Paddle's CosineAnnealingDecay and MindFormers' CosineAnnealingLR. torch and
 * Paddle reach these values by a recursion from step to step, whose rounding adds up and which
 * needs the step before; this is the closed form of it, the same for any order of k.
 * With "hold": Composer CosineAnnealingScheduler, Keras CosineDecay, MindSpore CosineDecayLR,
 * optax.cosine_decay_schedule (alpha is floor / peak).
 */
export function cosineAnnealing(options: CosineAnnealingOptions): Schedule {
  const name = "cosineAnnealing";
  return build(name, options, FIELDS, ({ peak, totalSteps, floor, past, kDecay }) => {
    atMost(floor, "floor", peak, "peak", name);
    const at = (k: number) => {
      const whole = k / totalSteps;
      const x = past === "hold" ? Math.min(1, whole) : whole;
      return cosineBetween(peak, floor, kDecay === 1 ? x : pow(x, kDecay));
    };
    return { base: peak, at };
  });
}
