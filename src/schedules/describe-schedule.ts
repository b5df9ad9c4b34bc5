import { wrongKind, wrongValue } from "../errors.ts";
import { wholeNumberBetween } from "../validate.ts";
import { MOST_VALUES } from "./fields.ts";
import { readScheduled, type Scheduled, valueAt } from "./schedule.ts";

/** One point of a schedule's curve. */
export interface SchedulePoint {
  /** The step, counted from 0. */
  readonly k: number;
  /** What the schedule says for it. */
  readonly value: number;
}

/**
 * The points of a schedule, to draw or to print.
 *
 * @param steps  how many, from step 0 on (at most 10^7), or the steps themselves
 * @throws TypeError, RangeError for wrong arguments, and where the schedule gives anything but a
 *   finite number >= 0
 */
export function describeSchedule(
  schedule: Scheduled,
  steps: number | readonly number[],
): SchedulePoint[] {
  const where = "describeSchedule";
  const scheduled = readScheduled(schedule, "schedule", where);
  const value = (k: number) => valueAt(scheduled, k, "schedule", where);
  if (typeof steps === "number") {
    const count = wholeNumberBetween(steps, 0, MOST_VALUES, "steps", where);
    return Array.from({ length: count }, (_, k) => ({ k, value: value(k) }));
  }
  if (!Array.isArray(steps))
    throw wrongKind("steps", where, "a number or an array of steps", steps);
  if (steps.length > MOST_VALUES) {
    throw wrongValue("steps", where, `at most ${MOST_VALUES} steps`, steps.length);
  }
  return steps.map((step: unknown, i) => {
    const k = wholeNumberBetween(step, 0, Number.MAX_SAFE_INTEGER, `steps[${i}]`, where);
    return { k, value: value(k) };
  });
}
