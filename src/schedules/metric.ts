import { wrongKind } from "../errors.ts";
import { numberAtLeast, optional, rate, readOptions, steps, word } from "./fields.ts";
import type { Schedule } from "./schedule.ts";

// What the schedules share that are told a metric. They are the only ones with state: their rate at
// a step depends on what was observed before it, not on the step's number.

/** A schedule that follows a metric: call observe(metric) after each evaluation. */
export interface MetricSchedule<State> extends Schedule {
  /** Takes in the metric of an evaluation; the rate may change from the next step on. */
  observe(metric: number): void;
  /** Everything observed so far that still counts, as plain data. */
  state(): State;
  /** Goes on from such a state. Throws TypeError, RangeError before anything changes. */
  restore(state: State): void;
}

/** Which metric is better: the lower ("min") or the higher one ("max"). */
export type MetricMode = "min" | "max";
/** What a threshold is: a share of the best metric ("rel") or a difference ("abs"). */
export type ThresholdMode = "rel" | "abs";

export const modeField = word<MetricMode>(["min", "max"], "min");
export const thresholdModes: readonly ThresholdMode[] = ["rel", "abs"];

/** Field of a best metric: null before the first one. */
export const bestField = optional({
  read: (value: unknown, what: string, where: string): number => {
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw wrongKind(what, where, "a finite number or null", value);
  },
});

export const countField = steps(0);
export const rateField = rate();
export const thresholdField = (fallback: number) => numberAtLeast(0, fallback);

/** A metric: any number. NaN and infinite ones are allowed, and never better than another. */
export function readMetric(metric: unknown, where: string): number {
  if (typeof metric !== "number") throw wrongKind("metric", where, "a number", metric);
  return metric;
}

/** Whether the metric beats the best by more than the threshold. */
export function isBetter(
  metric: number,
  best: number | null,
  rule: { mode: MetricMode; threshold: number; thresholdMode: ThresholdMode },
): boolean {
  if (!Number.isFinite(metric)) return false;
  if (best === null) return true;
  const { mode, threshold, thresholdMode } = rule;
  if (mode === "min") {
    return metric < (thresholdMode === "rel" ? best * (1 - threshold) : best - threshold);
  }
  return metric > (thresholdMode === "rel" ? best * (1 + threshold) : best + threshold);
}

/** The state read by its fields. A null is as good as a missing key where the field allows it. */
export function readState<F extends Parameters<typeof readOptions>[2]>(
  state: unknown,
  fields: F,
  where: string,
) {
  const given = typeof state === "object" && state !== null ? Object.entries(state) : null;
  const present = given && Object.fromEntries(given.filter(([, value]) => value !== null));
  return readOptions<F>(`${where}'s state`, present ?? state, fields).values;
}
