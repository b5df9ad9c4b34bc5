import { show, wrongKind, wrongValue } from "../errors.ts";
import { wholeNumberBetween } from "../validate.ts";

/** A value for each step k, counted from 0. Pure: the same k always gives the same value. */
export type ScheduleFunction = (k: number) => number;

/** An option as plain data; a schedule inside of another one is its data. */
export type ScheduleOption =
  | number
  | string
  | boolean
  | readonly number[]
  | ScheduleData
  | readonly ScheduleData[];

/** What a schedule of ours says of itself: its name and its options, as plain data. */
export interface ScheduleData {
  /** Name of the function that made it. */
  readonly name: string;
  /** The options in force, defaults filled in. */
  readonly options: Readonly<Record<string, ScheduleOption>>;
}

/** A schedule of ours: a function of k that is also data. */
export interface Schedule extends ScheduleFunction {
  /** What made it: enough to make it again. */
  readonly schedule: ScheduleData;
  /** The rate that its shape scales: its peak. */
  readonly base: number;
}

/** The schedules made here: a property `schedule` on a caller's own function means nothing. */
const ours = new WeakSet<object>();
/** And by their data, which the data of a schedule around them hold. */
const byData = new WeakMap<ScheduleData, Schedule>();

/**
 * Makes a schedule out of a pure function and the data that describe it; `methods` become its own.
 *
 * The schedule throws TypeError or RangeError for a k that is no whole number >= 0: a formula would
 * answer with some number for it, and training would go on with that.
 */
export function makeSchedule<Methods extends object>(
  { name, options }: ScheduleData,
  base: number,
  at: ScheduleFunction,
  methods?: Methods,
): Schedule & Methods {
  const schedule = (k: number) => at(wholeNumberBetween(k, 0, Number.MAX_SAFE_INTEGER, "k", name));
  ours.add(schedule);
  const own = { schedule: Object.freeze({ name, options: freezeOptions(options) }), base };
  const made = Object.freeze(Object.assign(schedule, own, methods ?? ({} as Methods)));
  byData.set(own.schedule, made);
  return made;
}

/** The data of the schedules inside of one, in the order of its options. */
export function dataIn(options: ScheduleData["options"]): ScheduleData[] {
  return Object.values(options).flatMap((option) => {
    // A list of numbers may be long: its first element tells.
    const list: readonly unknown[] = Array.isArray(option) ? option : [option];
    return typeof list[0] === "object" ? (list as readonly ScheduleData[]) : [];
  });
}

/** The schedule that these very data, not their like, are of. */
export function scheduleOf(data: ScheduleData): Schedule | undefined {
  return byData.get(data);
}

/** A frozen copy. What is frozen stays: nested data, and the lists that the fields have read. */
function freezeOptions(options: ScheduleData["options"]): ScheduleData["options"] {
  const entries = Object.entries(options).map(([key, value]) => [
    key,
    Array.isArray(value) && !Object.isFrozen(value) ? Object.freeze([...value]) : value,
  ]);
  return Object.freeze(Object.fromEntries(entries));
}

/** Whether a value is a schedule of ours: a function that says what it is. */
export function isSchedule(value: unknown): value is Schedule {
  return typeof value === "function" && ours.has(value);
}

/** A number that stays, or a value for each step: what a rate is once it was read. */
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

/** The rate that a constant or a schedule of ours begins from; NaN for a caller's own function. */
export function baseOf(scheduled: Scheduled): number {
  if (typeof scheduled === "number") return scheduled;
  return (scheduled as Partial<Schedule>).base ?? Number.NaN;
}

/** What a constant or a schedule is, as plain data; a caller's own function only by its kind. */
export function describeScheduled(scheduled: Scheduled): number | ScheduleData | "function" {
  if (typeof scheduled === "number") return scheduled;
  return isSchedule(scheduled) ? scheduled.schedule : "function";
}

/** One short text for tables: `0.001`, `cosineWithWarmup(peak 0.001, ...)`, `function`. */
export function showScheduled(scheduled: Scheduled): string {
  const data = describeScheduled(scheduled);
  return typeof data === "object" ? showData(data) : String(data);
}

function showData({ name, options }: ScheduleData): string {
  if (name === "vector") return showVector(options);
  const shown = Object.entries(options).map(([key, value]) => `${key} ${showOption(value)}`);
  return `${name}(${shown.join(", ")})`;
}

/** `vector(1000 values, 0.1 to 0.001)`: how many, the first and the last. */
function showVector({ values, pastEnd }: ScheduleData["options"]): string {
  const list = values as readonly number[];
  const span =
    list.length === 1
      ? `1 value, ${list[0]}`
      : `${list.length} values, ${list[0]} to ${list.at(-1)}`;
  return `vector(${span}${pastEnd === undefined ? "" : `, pastEnd ${show(pastEnd)}`})`;
}

function showOption(value: ScheduleOption): string {
  if (typeof value !== "object") return show(value);
  if (!Array.isArray(value)) return showData(value as ScheduleData);
  const nested = typeof value[0] === "object";
  return nested ? `[${value.map(showData).join(", ")}]` : show(value);
}
