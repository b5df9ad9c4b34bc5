import { wrongValue } from "../errors.ts";
import { cosPi } from "../numbers/cos-pi.ts";
import { finiteAtLeast, knownKeys, optionObject, wholeNumberBetween } from "../validate.ts";
import { makeSchedule, type Schedule } from "./schedule.ts";

export interface CosineWithWarmupOptions {
  /** The rate at the end of the warm-up. */
  readonly peak: number;
  /** Steps of the linear warm-up; 0 for none. */
  readonly warmupSteps: number;
  /** Step from which on the rate is `floor`. */
  readonly totalSteps: number;
  /** The rate at the end; 0 by default. */
  readonly floor?: number;
  /** The rate at step 0, where there is a warm-up; 0 by default. */
  readonly start?: number;
}

/**
 * A linear warm-up from `start` to `peak`, then half a cosine wave down to `floor`, which stays.
 *
 *   k < W:  start + (peak - start) * k / W
 *   else:   floor + (peak - floor) * (1 + cos(pi * x)) / 2,   x = min(1, (k - W) / (T - W))
 *
 * With start and floor 0 these are the values of transformers' get_cosine_schedule_with_warmup at
 * its default of half a cycle: the first update of a warm-up from 0 moves no weight.
 *
 * @throws TypeError, RangeError for an option of the wrong kind or out of range
 */
export function cosineWithWarmup(options: CosineWithWarmupOptions): Schedule {
  const where = "cosineWithWarmup";
  knownKeys(
    optionObject(options, "options", where),
    ["peak", "warmupSteps", "totalSteps", "floor", "start"],
    where,
  );
  const peak = finiteAtLeast(options.peak, 0, "peak", where);
  const most = Number.MAX_SAFE_INTEGER;
  const totalSteps = wholeNumberBetween(options.totalSteps, 1, most, "totalSteps", where);
  const warmupSteps = wholeNumberBetween(options.warmupSteps, 0, most, "warmupSteps", where);
  if (warmupSteps >= totalSteps) {
    throw wrongValue("warmupSteps", where, `less than totalSteps, ${totalSteps}`, warmupSteps);
  }
  const { floor: end = 0, start: begin = 0 } = options;
  const floor = finiteAtLeast(end, 0, "floor", where);
  const start = finiteAtLeast(begin, 0, "start", where);
  if (floor > peak) throw wrongValue("floor", where, `at most the peak, ${peak}`, floor);
  if (start > peak) throw wrongValue("start", where, `at most the peak, ${peak}`, start);

  const data = {
    name: "cosineWithWarmup",
    options: { peak, warmupSteps, totalSteps, floor, start },
  };
  return makeSchedule(data, peak, (k) => {
    if (k < warmupSteps) return start + ((peak - start) * k) / warmupSteps;
    const x = Math.min(1, (k - warmupSteps) / (totalSteps - warmupSteps));
    return floor + ((peak - floor) * (1 + cosPi(x))) / 2;
  });
}
