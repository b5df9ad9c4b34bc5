import { BLOCK_LENGTH } from "../../assembly/layout.ts";
import type { MetricSums } from "./metric-sums.ts";
import type { Part } from "./slab.ts";
import type { Slabs } from "./slabs.ts";

// The sums of a measured step in plain loops, for parameters that the core does not measure: the
// same order, and so the same bits, as assembly/metrics.ts gives for the others.

/** What a parameter was before a step, part by part. */
export interface Before {
  /** A copy; measure overwrites it with the change. */
  readonly weights: readonly Float32Array[];
  /** The dense gradient: zeros where it has no row. */
  readonly gradient: readonly Float32Array[];
}

/** Measures a parameter after it moved. Allocates nothing large: after a write nothing may fail. */
export function measure(
  slabs: Slabs,
  parts: readonly Part[],
  { weights, gradient }: Before,
): MetricSums {
  const sums = { grad: 0, moment: 0, param: 0, update: 0, momentGrad: 0, updateGrad: 0 };
  parts.forEach((part, index) => {
    const p = slabs.floats(part, "param");
    const m = slabs.floats(part, "expAvg");
    const g = gradient[index];
    const u = weights[index];
    for (let i = 0; i < u.length; i++) u[i] = p[i] - u[i];
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
