import { wrongKind, wrongValue } from "../errors.ts";
import { constant } from "./constant.ts";
import type { Field } from "./fields.ts";
import { isSchedule, type Schedule } from "./schedule.ts";

/** A schedule of ours inside of another one; a number stands for a constant. */
export type Nested = Schedule | number;

const EXPECTED = "a schedule of this package, or a number";

function readNested(value: unknown, what: string, where: string): Schedule {
  if (typeof value === "number") {
    if (value >= 0 && value < Infinity) return constant({ value });
    throw wrongValue(what, where, "a finite number >= 0, or a schedule of this package", value);
  }
  if (isSchedule(value)) return value;
  // A plain function has no base, which scaling, chaining and decoupled weight decay need.
  const remedy = typeof value === "function" ? "Wrap it: lambda({ base, factor })" : "";
  throw wrongKind(what, where, EXPECTED, value, remedy);
}

export function nestedField(): Field<Schedule> {
  return { read: readNested, data: (schedule) => schedule.schedule };
}

/** At least one schedule. */
export function nestedList(): Field<readonly Schedule[]> {
  return {
    read: (value, what, where) => {
      if (!Array.isArray(value)) throw wrongKind(what, where, "an array of schedules", value);
      if (value.length === 0) throw wrongValue(what, where, "at least one schedule", value);
      // Not map, which passes over holes.
      return Array.from(value, (each, i) => readNested(each, `${what}[${i}]`, where));
    },
    data: (schedules) => schedules.map(({ schedule }) => schedule),
  };
}
