import type { StepScalars } from "../../src/core/step-scalars.ts";

// The truth that every kernel is compared with, bit for bit: docs/semantics.md, "One element".

/** float32[length] each: parameter, gradient, first moment, second moment, amsgrad's maximum. */
export interface ReferenceState {
  p: Float32Array;
  g: Float32Array;
  m: Float32Array;
  v: Float32Array;
  vmax?: Float32Array;
}

export interface ReferenceOptions {
  amsgrad: boolean;
  /** Subnormal moments become +0: in each update whose t is a multiple of 64. */
  flush: boolean;
}

const f = Math.fround;
const SMALLEST_NORMAL = 1.1754943508222875e-38; // 2^-126
const flushed = (x: number) => (Math.abs(x) < SMALLEST_NORMAL ? 0 : x);

/** Updates p, m, v (and vmax) in place by one step. */
export function referenceStep(
  state: ReferenceState,
  scalars: StepScalars,
  { amsgrad, flush }: ReferenceOptions,
): void {
  const { p, g, m, v, vmax } = state;
  const gradScale = f(scalars.gradScale);
  const beta1 = f(scalars.beta1);
  const oneMinusBeta1 = f(scalars.oneMinusBeta1);
  const beta2 = f(scalars.beta2);
  const oneMinusBeta2 = f(scalars.oneMinusBeta2);
  const decay = f(scalars.decay);
  const stepSize = f(scalars.stepSize);
  const epsHat = f(scalars.epsHat);
  for (let i = 0; i < p.length; i++) {
    const grad = f(g[i] * gradScale);
    let m1 = f(f(m[i] * beta1) + f(grad * oneMinusBeta1));
    let v1 = f(f(v[i] * beta2) + f(f(grad * oneMinusBeta2) * grad));
    if (flush) {
      m1 = flushed(m1);
      v1 = flushed(v1);
    }
    m[i] = m1;
    v[i] = v1;
    let s = v1;
    if (amsgrad && vmax) {
      const before = flush ? flushed(vmax[i]) : vmax[i];
      s = v1 < before ? before : v1;
      vmax[i] = s;
    }
    const update = f(f(m1 * stepSize) / f(f(Math.sqrt(s)) + epsHat));
    p[i] = f(p[i] - f(f(p[i] * decay) + update));
  }
}
