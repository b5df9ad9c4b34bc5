import { mismatch, wrongKind } from "../errors.ts";
import { makeSchedule, readScheduled, type Schedule, type Scheduled } from "./schedule.ts";
import { numbersIn, readValues } from "./vector.ts";

/**
 * A learning rate or weight decay, as options take it: a number that stays; a vector, which is an
 * array, a typed array or anything finite to iterate over, with element k for step k; or a schedule.
 */
export type Rate = Scheduled | Iterable<number>;

/** What messages expect of a rate. */
export const A_RATE = "a number, numbers to iterate over, or a schedule";

/**
 * Reads a rate, a vector whole and now. What the caller does to it later changes nothing.
 *
 * @throws TypeError for a wrong kind, a string among them. RangeError for a number that is not
 *   finite and >= 0, a vector in a vector, and more than 10^7 values. An element is named by its
 *   place: `lr[3]`
 */
export function readRate(value: unknown, what: string, where: string): Scheduled {
  const read = readRateOrVector(value, what, where);
  return typeof read === "object" ? vectorWithEnd(read, what, where) : read;
}

/** As `readRate`; a vector of one element, which may be a framework's scalar, is a constant. */
export function readRateOrScalar(value: unknown, what: string, where: string): Scheduled {
  const read = readRateOrVector(value, what, where);
  if (typeof read !== "object") return read;
  return read.length === 1 ? read[0] : vectorWithEnd(read, what, where);
}

/** As `readRate`, for a caller with rules of its own about vectors, which are their values here. */
export function readRateOrVector(
  value: unknown,
  what: string,
  where: string,
): Scheduled | readonly number[] {
  if (typeof value === "number" || typeof value === "function") {
    return readScheduled(value, what, where);
  }
  const numbers = numbersIn(value);
  if (numbers) return readValues(numbers, what, where);
  throw wrongKind(what, where, A_RATE, value);
}

/**
 * The schedule `vector` of values that were read, whose end is told in the words of the option that
 * they came from.
 */
export function vectorWithEnd(values: readonly number[], what: string, where: string): Schedule {
  const { length } = values;
  return makeSchedule({ name: "vector", options: { values } }, values[0], (k) => {
    if (k < length) return values[k];
    const steps =
      length === 1 ? "1 value, for step 0" : `${length} values, for steps 0 to ${length - 1}`;
    const remedy = "Give a longer vector, or a schedule";
    throw new RangeError(
      mismatch(what, where, `a value for step ${k}`, `a vector of ${steps}`, remedy),
    );
  });
}
