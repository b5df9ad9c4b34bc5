import type { MetricSums } from "../core/metric-sums.ts";
import type { Active } from "./active.ts";

/**
 * Composer's metrics, by its names, from the sums of a measured step. `grad` is the gradient that
 * entered the moments (unscaled, clipped), `update` what the step added to the weights, decay
 * included. A ratio or cosine whose denominator is 0 is 0.
 */
export function namedMetrics(
  sums: ReadonlyMap<string, MetricSums>,
  actives: readonly Active[],
): Readonly<Record<string, number>> {
  const metrics = new Map<string, number>();
  for (const { entry, gradScale } of actives) {
    // A measured step measures all that take part.
    const of = sums.get(entry.name) as MetricSums;
    const scale = Math.fround(gradScale);
    const grad = Math.abs(scale) * Math.sqrt(of.grad);
    const moment = Math.sqrt(of.moment);
    const param = Math.sqrt(of.param);
    const update = Math.sqrt(of.update);
    const put = (metric: string, value: number) => metrics.set(`${metric}/${entry.name}`, value);
    put("l2_norm/moment", moment);
    put("l2_norm/param", param);
    put("l2_norm/update", update);
    put("l2_norm/grad", grad);
    put("cosine/moment_grad", ratio(scale * of.momentGrad, moment * grad));
    put("cosine/update_grad", ratio(scale * of.updateGrad, update * grad));
    put("l2_norm_ratio/update_param", ratio(update, param));
  }
  return Object.freeze(Object.fromEntries(metrics));
}

const ratio = (value: number, by: number) => (by === 0 ? 0 : value / by);
