import type { StepScalars } from "../core/step-scalars.ts";
import { type ScalarInputs, stepScalars } from "./scalars.ts";
import type { Arithmetic } from "./scalars-arithmetic.ts";

/**
 * The formula that PaddleNLP's documentation prints: epsilon beside the uncorrected root, and the
 * decay inside the bias-corrected step, so that it warms up with it.
 *
 *   lr_t = lr_p * sqrt(1 - b2^t) / (1 - b1^t);   p -= lr_t * (m / (sqrt(v) + eps) + wd * p)
 *
 * Source: docstring of paddle.optimizer.AdamW. No kernel of Paddle's computes it.
 */
export function adamWDLDocumented(inputs: ScalarInputs, out: StepScalars): StepScalars {
  stepScalars(inputs, out);
  out.epsHat = inputs.eps;
  out.decay = out.stepSize * inputs.weightDecay;
  return out;
}

/**
 * What AdamWDL's code runs since Paddle 2.2: its own decay with the full rate, then the fused
 * operator's with the layer's rate.
 *
 *   p *= 1 - lr * wd;   p *= 1 - lr * ratio * wd
 *
 * The two factors are one: 1 - (a + b - a*b). Source: paddlenlp/ops/optimizer/adamwdl.py, whose
 * _append_optimize_op decays and then calls that of paddle.optimizer.AdamW.
 */
export function adamWDLExecuted(inputs: ScalarInputs, out: StepScalars): StepScalars {
  stepScalars(inputs, out);
  const full = inputs.lr * inputs.weightDecay;
  const scaled = out.decay;
  out.decay = full + scaled - full * scaled;
  return out;
}

/** Intended: decay once, scaled by the layer's rate, which is the common core. */
export const ADAMW_DL_SCALARS: Readonly<Record<Arithmetic, typeof stepScalars>> = Object.freeze({
  intended: stepScalars,
  documented: adamWDLDocumented,
  executed: adamWDLExecuted,
});
