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
  const { weightDecay, beta1, beta2, eps, gradScale } = inputs;
  const lr = inputs.lr * inputs.lrScale;
  correctFor(inputs);
  const { correction1, rootCorrection2 } = corrections;
  out.gradScale = gradScale;
  out.beta1 = beta1;
  out.oneMinusBeta1 = 1 - beta1;
  out.beta2 = beta2;
  out.oneMinusBeta2 = 1 - beta2;
  out.decay = lr * weightDecay;
  out.stepSize = (lr * rootCorrection2) / correction1;
  out.epsHat = eps * rootCorrection2;
  return out;
}

/** The bias corrections last asked for: the parameters of a step mostly share betas and t. */
const corrections = {
  beta1: Number.NaN,
  beta2: Number.NaN,
  t: 0,
  correction1: Number.NaN,
  rootCorrection2: Number.NaN,
};

function correctFor({ beta1, beta2, t }: ScalarInputs): void {
  if (corrections.t === t && corrections.beta1 === beta1 && corrections.beta2 === beta2) return;
  corrections.correction1 = 1 - ipow(beta1, t);
  corrections.rootCorrection2 = Math.sqrt(1 - ipow(beta2, t));
  corrections.beta1 = beta1;
  corrections.beta2 = beta2;
  corrections.t = t;
}
