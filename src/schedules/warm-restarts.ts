import { wrongValue } from "../errors.ts";
import { ipow } from "../numbers/ipow.ts";
import { pow } from "../numbers/pow.ts";
import { cyclePosition, wholeCyclePosition } from "./cycles.ts";
import {
  atMost,
  build,
  numberAtLeast,
  optional,
  positive,
  quiet,
  rate,
  steps,
  word,
} from "./fields.ts";
import type { Schedule } from "./schedule.ts";
import { cosineBetween } from "./shapes.ts";

/** What `warmRestarts` takes. */
export interface WarmRestartsOptions {
  /** The rate at the start of the first cycle. */
  readonly peak: number;
  /** Steps of the first cycle. */
  readonly t0: number;
  /** Each cycle is this many times as long as the one before: 1 (default), or at least 1.001. */
  readonly tMult?: number;
  /** The rate at the end of each cycle; 0 by default. */
  readonly floor?: number;
  /** "exact" (default) or "whole": cut to whole steps, as Composer does for a broken tMult. */
  readonly lengths?: "exact" | "whole";
  /** Each cycle is this many times as high as the one before; 1 by default. */
  readonly cycleDecay?: number;
  /** What cycleDecay shrinks: the "peak" (default: timm) or the way down, the "amplitude" (Keras). */
  readonly cycleDecayOf?: "peak" | "amplitude";
  /** Cycles after which the rate stays at the floor: timm, where it is 1 by default. */
  readonly cycleLimit?: number;
  /** Exponent of the progress, timm's k_decay: above 1 stays high for longer. Default 1. */
  readonly kDecay?: number;
}

const FIELDS = {
  peak: rate(),
  t0: steps(1),
  tMult: numberAtLeast(1, 1),
  floor: rate(0),
  lengths: word(["exact", "whole"], "exact"),
  cycleDecay: quiet(rate(1)),
  cycleDecayOf: word(["peak", "amplitude"], "peak"),
  cycleLimit: optional(steps(1)),
  kDecay: quiet(positive(1)),
};

/**
 * Half cosine waves one after the other, cycle i of t0 * tMult^i steps (SGDR).
 *
 *   floor + (peak_i - floor) * (1 + cos(pi * x^kDecay)) / 2,   x from 0 to 1 in each cycle
 *
 * peak_i is peak * cycleDecay^i; with cycleDecayOf: "amplitude" it is (peak - floor) that shrinks.
 * Source: Loshchilov & Hutter 2017; torch, MindFormers and Composer CosineAnnealingWarmRestarts,
 * Paddle CosineAnnealingWarmRestarts, Keras CosineDecayRestarts (t_mul, m_mul), timm
 * CosineLRScheduler (cycle_mul, cycle_decay, cycle_limit, k_decay), optax.sgdr_schedule.
 */
export function warmRestarts(options: WarmRestartsOptions): Schedule {
  const name = "warmRestarts";
  return build(name, options, FIELDS, (values) => {
    const { peak, t0, tMult, floor, cycleDecay, cycleDecayOf, cycleLimit, kDecay } = values;
    atMost(floor, "floor", peak, "peak", name);
    // Between these the first steps of late cycles would drown in rounding.
    if (tMult > 1 && tMult < 1.001) throw wrongValue("tMult", name, "1, or at least 1.001", tMult);
    const positionOf = values.lengths === "whole" ? wholeCyclePosition : cyclePosition;
    const at = (k: number) => {
      const { cycle, progress } = positionOf(k, t0, tMult);
      if (cycleLimit !== null && cycle >= cycleLimit) return floor;
      const height = ipow(cycleDecay, cycle);
      const top = cycleDecayOf === "peak" ? peak * height : floor + (peak - floor) * height;
      return cosineBetween(top, floor, kDecay === 1 ? progress : pow(progress, kDecay));
    };
    return { base: peak, at };
  });
}
