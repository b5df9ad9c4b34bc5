import { BLOCK_LENGTH } from "../../assembly/layout.ts";
import type { MetricSums, Part, Slabs } from "./slabs.ts";

// The sums of a measured step in plain loops, for row-sparse parameters, which the core does not
// measure: the same order, and so the same bits, as assembly/metrics.ts gives for whole ones.

/** A copy of a parameter's weights, part by part. */
export function copyWeights(slabs: Slabs, parts: readonly Part[]): Float32Array[] {
  return parts.map((part) => slabs.floats(part, "param").slice());
}

/**
 * Measures a parameter after its rows moved.
 *
 * @param before   its weights before the step, part by part
 * @param gradient its dense gradient, part by part: zeros where it has no row
 */
export function measure(
  slabs: Slabs,
  parts: readonly Part[],
  before: readonly Float32Array[],
  gradient: readonly Float32Array[],
): MetricSums {
  const sums = { grad: 0, moment: 0, param: 0, update: 0, momentGrad: 0, updateGrad: 0 };
  parts.forEach((part, index) => {
    const p = slabs.floats(part, "param");
    const m = slabs.floats(part, "expAvg");
    const g = gradient[index];
    const u = before[index].map((old, i) => p[i] - old);
    for (let from = 0; from < p.length; from += BLOCK_LENGTH) {
      const to = Math.min(from + BLOCK_LENGTH, p.length);
      sums.grad += sumProducts(g, g, from, to);
      sums.moment += sumProducts(m, m, from, to);
      sums.param += sumProducts(p, p, from, to);
      sums.update += sumProducts(u, u, from, to);
      sums.momentGrad += sumProducts(m, g, from, to);
      sums.updateGrad += sumProducts(u, g, from, to);
    }
  });
  return sums;
}

/** One block: docs/semantics.md, "Reductions". */
function sumProducts(a: Float32Array, b: Float32Array, from: number, to: number): number {
  const s = new Float64Array(8);
  for (let i = from; i < to; i++) s[(i - from) & 7] += a[i] * b[i];
  return s[0] + s[4] + (s[2] + s[6]) + (s[1] + s[5] + (s[3] + s[7]));
}
