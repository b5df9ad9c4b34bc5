import { mismatch, wrongKind, wrongValue } from "../errors.ts";
import { finiteAtLeast, refuseDetached } from "../validate.ts";
import { build, type Field, MOST_VALUES } from "./fields.ts";
import { type PastEnd, pastEndField, stepWithin } from "./past-end.ts";
import type { Schedule } from "./schedule.ts";

/** What `vector` takes. */
export interface VectorOptions {
  /** The rate of each step: an array, a typed array or anything finite to iterate over. */
  readonly values: Iterable<number>;
  /** After the last value: "throw" a RangeError (default) or "hold" that value. */
  readonly pastEnd?: PastEnd;
}

/** What can be read number by number; null for all else, as a string or a Map of pairs. */
export function numbersIn(value: unknown): Iterable<unknown> | null {
  if (typeof value !== "object" || value instanceof Map) return null;
  const iterable = value as Partial<Iterable<unknown>> | null;
  return typeof iterable?.[Symbol.iterator] === "function" ? (value as Iterable<unknown>) : null;
}

/** Reads everything at once: what the iterable does later changes nothing. */
export function readValues(
  iterable: Iterable<unknown>,
  what: string,
  where: string,
): readonly number[] {
  const values: number[] = [];
  if (ArrayBuffer.isView(iterable)) refuseDetached(iterable, "numbers", what, where);
  for (const each of iterable) {
    if (values.length === MOST_VALUES) {
      throw new RangeError(mismatch(what, where, `at most ${MOST_VALUES} values`, "more"));
    }
    // The test by itself, because a label for each of 10^7 values takes longer than reading them.
    const fine = typeof each === "number" && each >= 0 && each < Infinity;
    values.push(fine ? each : readElement(each, `${what}[${values.length}]`, where));
  }
  if (values.length === 0) throw wrongValue(what, where, "at least one value", iterable);
  return Object.freeze(values);
}

function readElement(value: unknown, what: string, where: string): number {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) {
    return finiteAtLeast(value, 0, what, where);
  }
  const expected = "a finite number >= 0, as a vector has one dimension";
  throw wrongValue(what, where, expected, value);
}

const VALUES: Field<readonly number[]> = {
  read: (value, what, where) => {
    const numbers = numbersIn(value);
    if (numbers) return readValues(numbers, what, where);
    throw wrongKind(what, where, "an iterable of finite numbers >= 0", value);
  },
};
const FIELDS = { values: VALUES, pastEnd: pastEndField() };

/**
 * values[k]. The base is values[0].
 *
 * Source: MindSpore's and MindFormers' dynamic learning rate, a 1-D tensor or an iterable; what
 * theirs gives past the end is not defined.
 *
 * @throws RangeError for an empty or endless iterable, and past the end unless pastEnd is "hold"
 */
export function vector(options: VectorOptions): Schedule {
  const name = "vector";
  return build(name, options, FIELDS, ({ values, pastEnd }) => ({
    base: values[0] as number,
    at: (k) => values[stepWithin(k, values.length, pastEnd, name)] as number,
  }));
}
