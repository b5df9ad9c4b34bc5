import { wrongValue } from "../errors.ts";
import type { MetricSchedule } from "./metric.ts";
import { dataIn, type Schedule, type ScheduleData, scheduleOf } from "./schedule.ts";

// What schedules that are told a metric remember, wherever they stand inside of others.

/**
 * The states of a schedule and of those inside of it, in the order of its data; empty where none
 * has any.
 */
export function scheduleStates(schedule: Schedule): unknown[] {
  return metricSchedulesIn(schedule.schedule).map((metric) => metric.state());
}

/**
 * Lets a schedule go on from the states that one of the same data had.
 *
 * @param where how messages call it
 * @throws TypeError, RangeError for states that are not of such a schedule
 */
export function restoreStates(schedule: Schedule, states: readonly unknown[], where: string): void {
  const metrics = metricSchedulesIn(schedule.schedule);
  if (metrics.length !== states.length) {
    throw wrongValue("states", where, `${metrics.length}, one for each metric`, states.length);
  }
  metrics.forEach((metric, i) => {
    metric.restore(states[i]);
  });
}

function metricSchedulesIn(data: ScheduleData): MetricSchedule<unknown>[] {
  const inner = dataIn(data.options).flatMap(metricSchedulesIn);
  const own = scheduleOf(data);
  return own && "restore" in own ? [own as MetricSchedule<unknown>, ...inner] : inner;
}
