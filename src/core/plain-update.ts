import { FLUSH_PERIOD } from "../../assembly/layout.ts";
import type { StepScalars } from "./step-scalars.ts";

/** float32[length] each: one parameter, its gradient and its moments, as plain arrays. */
export interface PlainTensor {
  readonly p: Float32Array;
  readonly g: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** Largest v so far; null without amsgrad. */
  readonly vmax: Float32Array | null;
  /** This update's number, from 1. */
  readonly t: number;
}

const SMALLEST_NORMAL = 1.1754943508222875e-38; // 2^-126

/**
 * Updates one tensor in place: docs/semantics.md, "One element", operation by operation.
 *
 * In TypeScript rather than by the kernel: plain arrays would have to be copied into linear memory
 * and back in each call, and a memory of its own for each call is what engines run out of first
 * (every one reserves gigabytes of address space). Math.fround after each operation gives the same
 * bits, as binary64 has more than twice the digits of binary32 that double rounding could spoil.
 */
export function updateElements({ p, g, m, v, vmax, t }: PlainTensor, scalars: StepScalars): void {
  const f = Math.fround;
  const gradScale = f(scalars.gradScale);
  const beta1 = f(scalars.beta1);
  const oneMinusBeta1 = f(scalars.oneMinusBeta1);
  const beta2 = f(scalars.beta2);
  const oneMinusBeta2 = f(scalars.oneMinusBeta2);
  const decay = f(scalars.decay);
  const stepSize = f(scalars.stepSize);
  const epsHat = f(scalars.epsHat);
  const flush = t % FLUSH_PERIOD === 0;
  for (let i = 0; i < p.length; i++) {
    const grad = f(g[i] * gradScale);
    let mean = f(f(m[i] * beta1) + f(grad * oneMinusBeta1));
    let square = f(f(v[i] * beta2) + f(f(grad * oneMinusBeta2) * grad));
    if (flush && Math.abs(mean) < SMALLEST_NORMAL) mean = 0;
    if (flush && square < SMALLEST_NORMAL) square = 0;
    m[i] = mean;
    v[i] = square;
    if (vmax !== null) {
      const before = flush && vmax[i] < SMALLEST_NORMAL ? 0 : vmax[i];
      if (square < before) square = before;
      vmax[i] = square;
    }
    const change = f(f(mean * stepSize) / f(f(Math.sqrt(square)) + epsHat));
    p[i] = f(p[i] - f(f(p[i] * decay) + change));
  }
}
