import { atMost, build, optional, positive, quiet, rate, steps } from "./fields.ts";
import { type RampOptions, rampAt, rampField, startField, warmupField } from "./ramp.ts";
import type { Schedule } from "./schedule.ts";
import { cosineBetween } from "./shapes.ts";

/** What `constantWithCoolDown` takes. */
export interface ConstantWithCoolDownOptions extends RampOptions {
  /** The rate at the end of the warm-up. */
  readonly peak: number;
  /** Steps at the peak, after the warm-up. */
  readonly keepSteps: number;
  /** Steps of the cosine decay after them. */
  readonly decaySteps: number;
  /** The rate at the end of the decay: lr_end1. 0 by default. */
  readonly end1?: number;
  /** Steps at end1. */
  readonly finalSteps: number;
  /** The rate after these: lr_end2. end1 by default. */
  readonly end2?: number;
  /** Whole waves of the decay; 0.5 by default. */
  readonly cycles?: number;
}

const FIELDS = {
  peak: rate(),
  warmupSteps: warmupField,
  keepSteps: steps(0),
  decaySteps: steps(0),
  finalSteps: steps(0),
  end1: rate(0),
  end2: optional(rate()),
  start: startField,
  cycles: quiet(positive(0.5)),
  ramp: rampField,
};

/**
 * Warm-up, peak, cosine decay to end1, which is held, then end2: the schedule of DeepSeek-V3.
 *
 *   k < W:                  start + (peak - start) * k / W
 *   k < W + keep:           peak
 *   k < W + keep + D:       end1 + (peak - end1) * (1 + cos(2 pi c x)) / 2,   x from 0 to 1
 *   k < W + keep + D + F:   end1
 *   else:                   end2
 *
 * Source: MindFormers ConstantWithCoolDownLR (keep_steps, decay_steps, final_steps, lr_end1,
 * lr_end2).
 */
export function constantWithCoolDown(options: ConstantWithCoolDownOptions): Schedule {
  const name = "constantWithCoolDown";
  return build(name, options, FIELDS, (values) => {
    const { peak, warmupSteps, keepSteps, decaySteps, finalSteps, start, ramp, cycles } = values;
    const { end1 } = values;
    const end2 = values.end2 ?? end1;
    atMost(end1, "end1", peak, "peak", name);
    atMost(end2, "end2", peak, "peak", name);
    atMost(start, "start", peak, "peak", name);
    const decayStart = warmupSteps + keepSteps;
    const decayEnd = decayStart + decaySteps;
    const at = (k: number) => {
      if (k < warmupSteps) return rampAt(k, start, peak, warmupSteps, ramp);
      if (k < decayStart) return peak;
      if (k < decayEnd) {
        return cosineBetween(peak, end1, (2 * cycles * (k - decayStart)) / decaySteps);
      }
      return k < decayEnd + finalSteps ? end1 : end2;
    };
    return { base: peak, at };
  });
}
