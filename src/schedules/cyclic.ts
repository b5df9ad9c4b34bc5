import { ipow } from "../numbers/ipow.ts";
import { atMost, build, quiet, rate, steps, word } from "./fields.ts";
import type { Schedule } from "./schedule.ts";

/** What `cyclic` takes. */
export interface CyclicOptions {
  /** The lower rate, at which each cycle starts: base_lr. */
  readonly floor: number;
  /** The upper rate: max_lr. */
  readonly peak: number;
  /** Steps from the lower rate to the upper one: step_size_up. */
  readonly stepSizeUp: number;
  /** stepSizeUp in torch and Paddle when left out; here it is required. */
  readonly stepSizeDown: number;
  /**
   * How high the cycles are: "triangular" all the same, "triangular2" each half of the one before,
   * "expRange" gamma^k of the whole at step k.
   */
  readonly mode: "triangular" | "triangular2" | "expRange";
  /** Of "expRange"; 1 by default. */
  readonly gamma?: number;
}

const FIELDS = {
  floor: rate(),
  peak: rate(),
  stepSizeUp: steps(1),
  stepSizeDown: steps(1),
  mode: word(["triangular", "triangular2", "expRange"]),
  gamma: quiet(rate(1)),
};

/**
 * Up and down between two rates, in straight lines.
 *
 *   floor + (peak - floor) * triangle * height,   height = 1, 2^-cycle or gamma^k
 *
 * Source: Smith 2017; torch CyclicLR and Paddle CyclicLR (base_lr, max_lr, exp_range, exp_gamma).
 */
export function cyclic(options: CyclicOptions): Schedule {
  const name = "cyclic";
  return build(name, options, FIELDS, (values) => {
    const { floor, peak, stepSizeUp, stepSizeDown, mode, gamma } = values;
    atMost(floor, "floor", peak, "peak", name);
    const length = stepSizeUp + stepSizeDown;
    const at = (k: number) => {
      const cycle = Math.floor(k / length);
      const step = k - cycle * length;
      const triangle = step <= stepSizeUp ? step / stepSizeUp : (length - step) / stepSizeDown;
      const height =
        mode === "triangular" ? 1 : mode === "triangular2" ? ipow(0.5, cycle) : ipow(gamma, k);
      return floor + (peak - floor) * triangle * height;
    };
    return { base: peak, at };
  });
}
