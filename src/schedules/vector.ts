import { wrongKind, wrongValue } from "../errors.ts";
import { finiteAtLeast } from "../validate.ts";
import { build, type Field, MOST_VALUES } from "./fields.ts";
import { type PastEnd, pastEndField, stepWithin } from "./past-end.ts";
import type { Schedule } from "./schedule.ts";

export interface VectorOptions {
  /** The rate of each step: an array, a typed array or anything finite to iterate over. */
  readonly values: Iterable<number>;
  /** After the last value: "throw" a RangeError (default) or "hold" that value. */
  readonly pastEnd?: PastEnd;
}

/** Reads everything at once: what the iterable does later changes nothing. */
function readValues(value: unknown, what: string, where: string): readonly number[] {
  const expected = "an iterable of finite numbers >= 0";
  const iterable = value as Iterable<unknown> | null | undefined;
  if (typeof value === "string" || typeof iterable?.[Symbol.iterator] !== "function") {
    throw wrongKind(what, where, expected, value);
  }
  const values: number[] = [];
  for (const each of iterable) {
    if (values.length === MOST_VALUES) {
      throw wrongValue(what, where, `at most ${MOST_VALUES} values`, value);
    }
    // The test by itself, because a label for each of 10^7 values takes longer than reading them.
    const fine = typeof each === "number" && each >= 0 && each < Infinity;
    values.push(fine ? each : finiteAtLeast(each, 0, `${what}[${values.length}]`, where));
  }
  if (values.length === 0) throw wrongValue(what, where, "at least one value", value);
  return Object.freeze(values);
}

const VALUES: Field<readonly number[]> = { read: readValues };
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
