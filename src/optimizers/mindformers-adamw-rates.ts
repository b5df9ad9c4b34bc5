import { mismatch, show, wrongKind, wrongValue } from "../errors.ts";
import { makeSchedule, readScheduled, type Scheduled } from "../schedules/schedule.ts";
import { vector } from "../schedules/vector.ts";

/** A learning rate as MindFormers takes it: see readRate. */
export type MindFormersRate = Scheduled | Iterable<number>;

/** A learning rate after validation. */
export interface Rate {
  readonly lr: Scheduled;
  /** Steps that it has values for; null where it is no vector. */
  readonly length: number | null;
}

/**
 * Reads a learning rate: a number; a vector (array, typed array or any finite iterable, read whole
 * now) with one value for each step; or a schedule. A vector of one element is a constant, as in
 * the original, which warns of it too.
 *
 * @throws TypeError for a wrong kind. RangeError for a wrong value, and for a string: the original
 *   takes it for an iterable and raises a ValueError at its first character
 */
export function readRate(value: unknown, what: string, where: string): Rate {
  if (typeof value === "string") {
    throw wrongValue(what, where, "a number, numbers to iterate over, or a schedule", value);
  }
  if (typeof value === "number" || typeof value === "function") {
    return { lr: readScheduled(value, what, where), length: null };
  }
  const iterable = value as Partial<Iterable<unknown>> | null | undefined;
  if (typeof iterable?.[Symbol.iterator] !== "function") {
    throw wrongKind(what, where, "a number, numbers to iterate over, or a schedule", value);
  }
  return readVector(value as Iterable<unknown>, what, where);
}

const MOST_VALUES = 10_000_000;

function readVector(iterable: Iterable<unknown>, what: string, where: string): Rate {
  const values: number[] = [];
  for (const value of iterable) {
    if (values.length === MOST_VALUES) {
      throw new RangeError(mismatch(what, where, `at most ${MOST_VALUES} values`, "more"));
    }
    values.push(readElement(value, `${what}[${values.length}]`, where));
  }
  if (values.length === 0) throw wrongValue(what, where, "at least one value", iterable);
  if (values.length > 1) return { lr: withEnd(values, what, where), length: values.length };
  console.warn(
    `ashlar: "${what}" of ${where} has one element and is taken as a constant, ${values[0]}`,
  );
  return { lr: values[0], length: null };
}

function readElement(value: unknown, what: string, where: string): number {
  const expected = "a finite number >= 0";
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw wrongValue(what, where, `${expected}, as a vector has one dimension`, value);
  }
  if (typeof value !== "number") throw wrongKind(what, where, expected, value);
  if (!(Number.isFinite(value) && value >= 0)) throw wrongValue(what, where, expected, value);
  return value;
}

/** A `vector` schedule whose end is told in the words of the option that it came from. */
function withEnd(values: readonly number[], what: string, where: string): Scheduled {
  const inner = vector({ values });
  return makeSchedule(inner.schedule, inner.base, (k) => {
    if (k < values.length) return values[k];
    const remedy = "Give a longer vector, or a schedule";
    const got = `a vector of ${values.length} values, for steps 0 to ${values.length - 1}`;
    throw new RangeError(mismatch(what, where, `a value for step ${k}`, got, remedy));
  });
}

/** @throws RangeError where two vectors differ in length: one count of steps reads all of them */
export function requireEqualLengths(
  rates: readonly { readonly rate: Rate; readonly what: string; readonly where: string }[],
): void {
  let first: { length: number; called: string } | null = null;
  for (const { rate, what, where } of rates) {
    if (rate.length === null) continue;
    first ??= { length: rate.length, called: `${show(what)} of ${where}` };
    if (rate.length === first.length) continue;
    const expected = `${first.length} values, as ${first.called} has`;
    throw wrongValue(what, where, expected, rate.length);
  }
}
