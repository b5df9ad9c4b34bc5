import { show, wrongKind, wrongValue } from "../errors.ts";

/** A value for each step k, counted from 0. Pure: the same k always gives the same value. */
export type ScheduleFunction = (k: number) => number;

/** What a schedule of ours says of itself: its name and its options, as plain data. */
export interface ScheduleData {
  readonly name: string;
  readonly options: Readonly<Record<string, number | string | boolean>>;
}

/** A schedule of ours: a function of k that is also data. */
export interface Schedule extends ScheduleFunction {
  readonly schedule: ScheduleData;
  /** The rate that its shape scales: its peak. */
  readonly base: number;
}

/** The schedules made here: a property `schedule` on a caller's own function means nothing. */
const ours = new WeakSet<ScheduleFunction>();

const isOurs = (value: Scheduled): value is Schedule =>
  typeof value === "function" && ours.has(value);

/** Makes a schedule out of a pure function and the data that describe it. */
export function makeSchedule(data: ScheduleData, base: number, at: ScheduleFunction): Schedule {
  const schedule = (k: number) => at(k);
  ours.add(schedule);
  return Object.freeze(
    Object.assign(schedule, {
      schedule: Object.freeze({ name: data.name, options: Object.freeze({ ...data.options }) }),
      base,
    }),
  );
}

/** A number that stays, or a value for each step. */
export type Scheduled = number | ScheduleFunction;

/** Reads a constant or a schedule: a constant is checked now, a schedule's values when used. */
export function readScheduled(value: unknown, what: string, where: string): Scheduled {
  if (typeof value === "function") return value as ScheduleFunction;
  const expected = "a finite number >= 0, or a schedule (k) => number";
  if (typeof value !== "number") throw wrongKind(what, where, expected, value);
  if (!(Number.isFinite(value) && value >= 0)) throw wrongValue(what, where, expected, value);
  return value;
}

/**
 * The value at step k.
 *
 * @throws TypeError or RangeError where a schedule gives anything but a finite number >= 0
 */
export function valueAt(scheduled: Scheduled, k: number, what: string, where: string): number {
  if (typeof scheduled === "number") return scheduled;
  const value: unknown = scheduled(k);
  const place = `${where} at step ${k}`;
  if (typeof value !== "number") {
    throw wrongKind(what, place, "its schedule to give a finite number >= 0", value);
  }
  if (!(Number.isFinite(value) && value >= 0)) {
    throw wrongValue(what, place, "its schedule to give a finite number >= 0", value);
  }
  return value;
}

/** What a constant or a schedule is, as plain data; a caller's own function only by its kind. */
export function describeScheduled(scheduled: Scheduled): number | ScheduleData | "function" {
  if (typeof scheduled === "number") return scheduled;
  return isOurs(scheduled) ? scheduled.schedule : "function";
}

/** One short text for tables: `0.001`, `cosineWithWarmup(peak 0.001, ...)`, `function`. */
export function showScheduled(scheduled: Scheduled): string {
  const data = describeScheduled(scheduled);
  if (typeof data !== "object") return String(data);
  const options = Object.entries(data.options).map(([key, value]) => `${key} ${show(value)}`);
  return `${data.name}(${options.join(", ")})`;
}
