import type { StepScalars } from "../../src/core/step-scalars.ts";

// The element update in float64, with scalars that are not rounded either: what a row of the scalar
// table means, apart from all rounding to float32.

export interface ExactState {
  readonly p: Float64Array;
  readonly m: Float64Array;
  readonly v: Float64Array;
  readonly vmax: Float64Array;
}

export function exactState(weights: ArrayLike<number>): ExactState {
  const zeros = () => new Float64Array(weights.length);
  return { p: Float64Array.from(weights), m: zeros(), v: zeros(), vmax: zeros() };
}

export function exactStep(
  { p, m, v, vmax }: ExactState,
  g: ArrayLike<number>,
  s: StepScalars,
  amsgrad = false,
): void {
  for (let i = 0; i < p.length; i++) {
    const grad = g[i] * s.gradScale;
    m[i] = m[i] * s.beta1 + grad * s.oneMinusBeta1;
    v[i] = v[i] * s.beta2 + grad * s.oneMinusBeta2 * grad;
    if (amsgrad) vmax[i] = Math.max(vmax[i], v[i]);
    const second = amsgrad ? vmax[i] : v[i];
    p[i] -= p[i] * s.decay + (m[i] * s.stepSize) / (Math.sqrt(second) + s.epsHat);
  }
}
