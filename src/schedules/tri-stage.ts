import { pow } from "../numbers/pow.ts";
import { build, positive, rate, steps } from "./fields.ts";
import { rampAt, warmupField } from "./ramp.ts";
import type { Schedule } from "./schedule.ts";

/** What `triStage` takes. */
export interface TriStageOptions {
  /** The rate of the hold. */
  readonly peak: number;
  /** Steps of the linear warm-up. */
  readonly warmupSteps: number;
  /** Steps at the peak. */
  readonly holdSteps: number;
  /** Steps of the exponential decay. */
  readonly decaySteps: number;
  /** What multiplies the peak at step 0; 0.01 by default. */
  readonly initScale?: number;
  /** What multiplies the peak at the end, above 0; 0.01 by default. */
  readonly finalScale?: number;
}

const FIELDS = {
  peak: rate(),
  warmupSteps: warmupField,
  holdSteps: steps(0),
  decaySteps: steps(0),
  initScale: rate(0.01),
  finalScale: positive(0.01),
};

/**
 * A linear warm-up, a hold, then an exponential decay, which stops.
 *
 *   k < W:          from initScale * peak to peak
 *   k < W + H:      peak
 *   k < W + H + D:  peak * finalScale^x,   x = (k - W - H) / D
 *   else:           peak * finalScale
 *
 * Source: fairseq tri_stage (init_lr_scale, final_lr_scale).
 */
export function triStage(options: TriStageOptions): Schedule {
  return build("triStage", options, FIELDS, (values) => {
    const { peak, warmupSteps, holdSteps, decaySteps, initScale, finalScale } = values;
    const decayStart = warmupSteps + holdSteps;
    const at = (k: number) => {
      if (k < warmupSteps) return rampAt(k, initScale * peak, peak, warmupSteps, "k/W");
      if (k < decayStart) return peak;
      if (k >= decayStart + decaySteps) return peak * finalScale;
      return peak * pow(finalScale, (k - decayStart) / decaySteps);
    };
    return { base: peak, at };
  });
}
