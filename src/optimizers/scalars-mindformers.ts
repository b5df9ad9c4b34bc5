import type { StepScalars } from "../core/step-scalars.ts";
import { type ScalarInputs, stepScalars } from "./scalars.ts";
import type { Arithmetic } from "./scalars-arithmetic.ts";

/**
 * The formula that MindFormers' documentation printed until the end of 2024: no bias correction.
 *
 *   p -= lr_p * (m / (sqrt(v) + eps) + wd * p)
 *
 * It is mindspore.nn.AdamWeightDecay's, copied; MindFormers' code never computed it.
 */
export function mindFormersDocumented(inputs: ScalarInputs, out: StepScalars): StepScalars {
  stepScalars(inputs, out);
  out.stepSize = inputs.lr * inputs.lrScale;
  out.epsHat = inputs.eps;
  return out;
}

/** What the code runs (BasicAdamW) is what it means: the common core, with one count for all. */
export const MINDFORMERS_SCALARS: Readonly<Record<Arithmetic, typeof stepScalars>> = Object.freeze({
  intended: stepScalars,
  documented: mindFormersDocumented,
  executed: stepScalars,
});
