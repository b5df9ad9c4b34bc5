import { atMost, build, positive, quiet, rate, steps, word } from "./fields.ts";
import { type RampOptions, rampAt, rampField, startField, warmupField } from "./ramp.ts";
import type { Schedule } from "./schedule.ts";
import { BETWEEN, type Between, cosineBetween } from "./shapes.ts";

/** What `warmupStableDecay` takes. */
export interface WarmupStableDecayOptions extends RampOptions {
  /** The rate at the end of the warm-up. */
  readonly peak: number;
  /** Steps at the peak. */
  readonly stableSteps: number;
  /** Steps of the way down. */
  readonly decaySteps: number;
  /** The way down. transformers' default is "cosine"; MindFormers knows "linear" only. */
  readonly decay: Between;
  /** The rate after the decay; 0 by default. */
  readonly floor?: number;
  /** The way up; "linear" by default. The option `ramp` is for that one only. */
  readonly warmup?: Between;
  /** Whole waves of a "cosine" decay; 0.5 by default. */
  readonly cycles?: number;
}

const WAYS: readonly Between[] = ["linear", "cosine", "1-sqrt"];
const FIELDS = {
  peak: rate(),
  warmupSteps: warmupField,
  stableSteps: steps(0),
  decaySteps: steps(0),
  decay: word(WAYS),
  floor: rate(0),
  start: startField,
  warmup: word(WAYS, "linear"),
  cycles: quiet(positive(0.5)),
  ramp: rampField,
};

/**
 * Warm-up, peak, decay (WSD).
 *
 *   k < W:          from start to peak
 *   k < W + S:      peak
 *   k < W + S + D:  floor + (peak - floor) * f(x),   x = (k - W - S) / D
 *   else:           floor
 *
 * f(x) is 1 - x for "linear", (1 + cos(2 pi c x)) / 2 for "cosine", 1 - sqrt(x) for "1-sqrt". The
 * warm-up of "cosine" is (1 - cos(pi x)) / 2, that of "1-sqrt" is 1 - sqrt(1 - x).
 * Source: transformers get_wsd_schedule, whose warm-up starts at its min_lr_ratio (here: start);
 * MindFormers WarmUpStableDecayLR (decay_start_steps is W + S, total_steps W + S + D), which is
 * NaN at step 0 without a warm-up and goes below lr_end past the end: here it does neither.
 */
export function warmupStableDecay(options: WarmupStableDecayOptions): Schedule {
  const name = "warmupStableDecay";
  return build(name, options, FIELDS, (values) => {
    const { peak, warmupSteps, stableSteps, decaySteps, floor, start, ramp, cycles } = values;
    atMost(floor, "floor", peak, "peak", name);
    atMost(start, "start", peak, "peak", name);
    const decayStart = warmupSteps + stableSteps;
    const up = BETWEEN[values.warmup];
    const down = BETWEEN[values.decay];
    const at = (k: number) => {
      if (k < warmupSteps) {
        if (values.warmup === "linear") return rampAt(k, start, peak, warmupSteps, ramp);
        return up(peak, start, 1 - k / warmupSteps);
      }
      if (k < decayStart) return peak;
      if (k >= decayStart + decaySteps) return floor;
      const x = (k - decayStart) / decaySteps;
      return down === cosineBetween ? down(peak, floor, 2 * cycles * x) : down(peak, floor, x);
    };
    return { base: peak, at };
  });
}
