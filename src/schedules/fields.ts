import { show, wrongKind, wrongValue } from "../errors.ts";
import {
  finiteAtLeast,
  flag,
  knownKeys,
  oneOf,
  optionObject,
  wholeNumberBetween,
} from "../validate.ts";
import {
  makeSchedule,
  type Schedule,
  type ScheduleFunction,
  type ScheduleOption,
} from "./schedule.ts";

// The options of a schedule are a table of fields: how each is read, what it is when left out, and
// what it is as data. One reader for all keeps names, ranges and messages the same everywhere.

const MOST = Number.MAX_SAFE_INTEGER;
/** Longest list that an option may hold. */
export const MOST_VALUES = 10_000_000;

export interface Field<Value> {
  read(value: unknown, what: string, where: string): Value;
  /** The value when the option is left out; without one the option is required. */
  readonly fallback?: Value;
  /** Left out of the data while it has its default: conventions that few need to name. */
  readonly quiet?: boolean;
  /** The option as plain data, where it is not the value itself. */
  data?(value: Value): ScheduleOption;
}

type Fields = Readonly<Record<string, Field<unknown>>>;
type Values<F extends Fields> = { [K in keyof F]: F[K] extends Field<infer Value> ? Value : never };

/** The reader of a field, with its default where it has one. */
function field<Value>(read: Field<Value>["read"], fallback?: Value): Field<Value> {
  return fallback === undefined ? { read } : { read, fallback };
}

/** The field, unseen in the data while it has its default. */
export function quiet<Value>(of: Field<Value>): Field<Value> {
  return { ...of, quiet: true };
}

/** The field, or null where it is left out; then the data do not hold it. */
export function optional<Value>(of: Field<Value>): Field<Value | null> {
  return { read: of.read, fallback: null, quiet: true };
}

/** A rate, factor or threshold: finite and at least `least`. */
export function numberAtLeast(least: number, fallback?: number): Field<number> {
  return field((value, what, where) => finiteAtLeast(value, least, what, where), fallback);
}

export function rate(fallback?: number): Field<number> {
  return numberAtLeast(0, fallback);
}

export function positive(fallback?: number): Field<number> {
  return field((value, what, where) => {
    const expected = "a finite number > 0";
    if (typeof value !== "number") throw wrongKind(what, where, expected, value);
    if (!(value > 0 && value < Infinity)) throw wrongValue(what, where, expected, value);
    return value;
  }, fallback);
}

/** A number strictly between 0 and 1. */
export function share(fallback?: number): Field<number> {
  return field((value, what, where) => {
    const expected = "a number between 0 and 1, without these";
    if (typeof value !== "number") throw wrongKind(what, where, expected, value);
    if (!(value > 0 && value < 1)) throw wrongValue(what, where, expected, value);
    return value;
  }, fallback);
}

/** Any finite number. */
export function finite(fallback?: number): Field<number> {
  return field((value, what, where) => {
    const expected = "a finite number";
    if (typeof value !== "number") throw wrongKind(what, where, expected, value);
    if (!Number.isFinite(value)) throw wrongValue(what, where, expected, value);
    return value;
  }, fallback);
}

/** A count of steps: a whole number of at least `least`. */
export function steps(least: number, fallback?: number): Field<number> {
  return field(
    (value, what, where) => wholeNumberBetween(value, least, MOST, what, where),
    fallback,
  );
}

/** One of a few words. Quiet where it has a default. */
export function word<Word extends string>(words: readonly Word[], fallback?: Word): Field<Word> {
  const read = (value: unknown, what: string, where: string) => oneOf(value, words, what, where);
  return fallback === undefined ? { read } : quiet({ read, fallback });
}

/** A flag that is false by default. */
export function switchedOff(): Field<boolean> {
  return quiet(field(flag, false));
}

function list(value: unknown, what: string, where: string, of: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrongKind(what, where, `an array of ${of}`, value);
  // A copy without holes, which map would pass over.
  return Array.from(value);
}

/** Steps in ascending order; `twice` allows the same one again. */
export function stepList({ twice }: { twice: boolean }): Field<readonly number[]> {
  return field((value, what, where) => {
    const from = list(value, what, where, "steps").map((step, i) =>
      wholeNumberBetween(step, 0, MOST, `${what}[${i}]`, where),
    );
    from.forEach((step, i) => {
      const before = from[i - 1] ?? -1;
      if (step > before || (twice && step === before)) return;
      const expected = `${twice ? "at least" : "more than"} the one before, ${before}`;
      throw wrongValue(`${what}[${i}]`, where, expected, step);
    });
    return Object.freeze(from);
  });
}

/** Finite numbers >= 0, at least one. */
export function rateList(): Field<readonly number[]> {
  return field((value, what, where) => {
    const rates = list(value, what, where, "finite numbers >= 0");
    if (rates.length === 0) throw wrongValue(what, where, "at least one number", value);
    return Object.freeze(rates.map((each, i) => finiteAtLeast(each, 0, `${what}[${i}]`, where)));
  });
}

/** A function of the caller's. It is no data, so a schedule with it cannot be rebuilt from data. */
export function stepFunction(): Field<ScheduleFunction> {
  return {
    read: (value, what, where) => {
      if (typeof value !== "function")
        throw wrongKind(what, where, "a function of the step", value);
      return value as ScheduleFunction;
    },
    data: () => "function",
  };
}

/** What a schedule computes, once its options are read. */
export interface Shape {
  readonly base: number;
  readonly at: ScheduleFunction;
}

/** Reads the options of the schedule `name`, then makes it of the shape that they give. */
export function build<F extends Fields>(
  name: string,
  options: unknown,
  fields: F,
  shape: (values: Values<F>) => Shape,
): Schedule {
  const { values, data } = readOptions(name, options, fields);
  const { base, at } = shape(values);
  return makeSchedule({ name, options: data }, base, at);
}

/** The options read by their fields, and the same as data. Throws for the first wrong one. */
export function readOptions<F extends Fields>(where: string, options: unknown, fields: F) {
  const given = optionObject(options, "options", where);
  knownKeys(given, Object.keys(fields), where);
  const values: Record<string, unknown> = {};
  const data: Record<string, ScheduleOption> = {};
  for (const [key, of] of Object.entries(fields)) {
    const { fallback, quiet } = of;
    const missing = given[key] === undefined && fallback !== undefined;
    const value = missing ? fallback : of.read(given[key], key, where);
    values[key] = value;
    if (quiet && value === fallback) continue;
    data[key] = of.data ? of.data(value) : (value as ScheduleOption);
  }
  return { values: values as Values<F>, data };
}

/** Throws where `value` is above `limit`, the value of the option `of`. */
export function atMost(value: number, what: string, limit: number, of: string, where: string) {
  if (value > limit) throw wrongValue(what, where, `at most the ${of}, ${show(limit)}`, value);
}
