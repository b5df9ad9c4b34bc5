import {
  clipByGlobalNorm,
  cosineWithWarmup,
  families,
  layerDecay,
  noDecayOnBiasAndNorm,
} from "ashlar";
import * as tfjs from "ashlar/tfjs";
import type { Tf } from "./tensorflow.ts";

/** What the study tries. */
export interface Setting {
  /** Peak learning rate: that of the classifier. */
  readonly lr: number;
  /** Learning rate of a layer by that of the layer above it; 1 for one rate. */
  readonly layerDecay: number;
}

const WARM_UP_SHARE = 0.1;

export function makeOptimizer(tf: Tf, { lr, layerDecay: rate }: Setting, steps: number) {
  return tfjs.adamW(tf, {
    lr: cosineWithWarmup({
      peak: lr,
      warmupSteps: Math.floor(WARM_UP_SHARE * steps),
      totalSteps: steps,
    }),
    weightDecay: 0.01,
    decays: noDecayOnBiasAndNorm,
    clip: clipByGlobalNorm(1),
    lrScale: layerDecay({ rate, layerOf: families.bert }),
  });
}
