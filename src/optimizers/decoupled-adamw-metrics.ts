import { wrongKind, wrongValue } from "../errors.ts";
import { isPlainRecord } from "../validate.ts";

/** Metrics by key, such as "l2_norm/grad/NAME". */
export type Metrics = Readonly<Record<string, number>>;

/**
 * Adds up what all ranks give, key by key; a key that a rank lacks counts as 0. Every rank calls it
 * once, with sorted keys; "ranks" is one of them.
 */
export type AllReduce = (local: Metrics) => Metrics | Promise<Metrics>;

/** Counts the ranks: each gives 1. */
const RANKS = "ranks";
const NORM = "l2_norm/";

/**
 * Makes metrics of one rank's shard ready to be added up: norms are squared, the others stay. Keys
 * sorted.
 *
 * Source: Composer's pre_reduce_metrics, which squares whatever it is given.
 *
 * @throws TypeError for what is no record of numbers
 */
export function preReduceMetrics(metrics: Metrics): Record<string, number> {
  return mapSorted(metrics, "preReduceMetrics", (key, value) =>
    key.startsWith(NORM) ? value * value : value,
  );
}

/**
 * Reduces metrics over all ranks, after preReduceMetrics: norms are the root of the sum of squares,
 * the others the mean. Keys sorted, so that no rank's order matters.
 *
 * Source: Composer's dist_reduce_metrics.
 *
 * @throws TypeError for what is no record of numbers, also from allReduce; RangeError for a metric
 *   "ranks"
 */
export async function distReduceMetrics(
  metrics: Metrics,
  allReduce: AllReduce,
): Promise<Record<string, number>> {
  const where = "distReduceMetrics";
  if (typeof allReduce !== "function") {
    throw wrongKind("allReduce", where, "a function (metrics) => their sums", allReduce);
  }
  if (Object.hasOwn(checked(metrics, where), RANKS)) {
    throw wrongValue("metrics", where, `keys other than "${RANKS}", which counts them`, RANKS);
  }
  const local = mapSorted({ ...metrics, [RANKS]: 1 }, where, (_, value) => value);
  const { [RANKS]: ranks, ...sums } = checked(await allReduce(local), "allReduce");
  if (!(ranks >= 1)) {
    throw wrongKind(RANKS, "the sums of allReduce", "a count of at least 1", ranks);
  }
  return mapSorted(sums, where, (key, sum) =>
    key.startsWith(NORM) ? Math.sqrt(sum) : sum / ranks,
  );
}

function checked(metrics: unknown, where: string): Metrics {
  if (isPlainRecord(metrics)) return metrics as Metrics;
  throw wrongKind("metrics", where, "a record of key to number", metrics);
}

function mapSorted(
  metrics: Metrics,
  where: string,
  map: (key: string, value: number) => number,
): Record<string, number> {
  return Object.fromEntries(
    Object.keys(checked(metrics, where))
      .sort()
      .map((key) => {
        const value: unknown = metrics[key];
        if (typeof value !== "number")
          throw wrongKind(key, `metrics of ${where}`, "a number", value);
        return [key, map(key, value)];
      }),
  );
}
