import type { StepScalars } from "../core/step-scalars.ts";
import { ipow } from "../numbers/ipow.ts";

export interface ScalarInputs {
  /** The group's learning rate in this step, before any factor of the parameter's. */
  lr: number;
  /** The parameter's factor: of the layer rule, times the group's. */
  lrScale: number;
  /** The group's learning rate that schedules began from; what a decay of its own is relative to. */
  initialLr: number;
  /** 0 where the decay filter says no. */
  weightDecay: number;
  beta1: number;
  beta2: number;
  eps: number;
  /** This update's number for this parameter, counted from 1. */
  t: number;
  /** sign * clip coefficient / loss scale; -1 for maximize. */
  gradScale: number;
}

/**
 * Fills `out` with the scalars of the common core (docs/semantics.md, "Scalars") and returns it.
 *
 * The bias correction of v is folded into stepSize and epsHat: the same algebra as
 * sqrt(v)/sqrt(1-b2^t) + eps, with one rounding and one multiply fewer per element.
 */
export function stepScalars(inputs: ScalarInputs, out: StepScalars): StepScalars {
  const { weightDecay, beta1, beta2, eps, t, gradScale } = inputs;
  const lr = inputs.lr * inputs.lrScale;
  const rootCorrection2 = Math.sqrt(1 - ipow(beta2, t));
  out.gradScale = gradScale;
  out.beta1 = beta1;
  out.oneMinusBeta1 = 1 - beta1;
  out.beta2 = beta2;
  out.oneMinusBeta2 = 1 - beta2;
  out.decay = lr * weightDecay;
  out.stepSize = (lr * rootCorrection2) / (1 - ipow(beta1, t));
  out.epsHat = eps * rootCorrection2;
  return out;
}
