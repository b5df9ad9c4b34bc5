import type { Collective } from "../collectives/collective.ts";
import type { AllReduce, Metrics } from "../optimizers/decoupled-adamw-metrics.ts";
import { gatherRecords } from "./gather-records.ts";

/**
 * Adds up metrics over ranks, for `DecoupledAdamW.distReduceMetrics`: key by key, in the order of the
 * ranks; a rank that lacks a key adds nothing.
 *
 * @example
 * const all = await optimizer.distReduceMetrics(optimizer.preReduceMetrics(own), reduceMetrics(ranks));
 *
 * @returns a function that every rank calls once for each reduction
 */
export function reduceMetrics(collective: Collective): AllReduce {
  return async (local) => {
    const sums = new Map<string, number>();
    for (const metrics of await gatherMetrics(collective, local)) {
      for (const [key, value] of metrics) sums.set(key, (sums.get(key) ?? 0) + value);
    }
    return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
  };
}

/** The metrics of every rank, which need not have the same keys. */
async function gatherMetrics(
  collective: Collective,
  local: Metrics,
): Promise<(readonly [key: string, value: number])[][]> {
  const keys = new TextEncoder().encode(JSON.stringify(Object.keys(local)));
  const values = Float64Array.from(Object.values(local));
  const sizes = await gatherRecords(collective, Uint32Array.of(keys.length, values.length));
  const sizesOf = sizes.map((bytes) => new Uint32Array(bytes.buffer));
  const allKeys = await gatherRecords(collective, keys, (rank) => sizesOf[rank][0]);
  const allValues = await gatherRecords(collective, values, (rank) => 8 * sizesOf[rank][1]);
  return allKeys.map((bytes, rank) => {
    const names: string[] = JSON.parse(new TextDecoder().decode(bytes));
    const numbers = new Float64Array(allValues[rank].buffer);
    return names.map((name, i) => [name, numbers[i]] as const);
  });
}
