import { show, wrongValue } from "../errors.ts";
import { A_RATE, readRateOrVector, vectorWithEnd } from "../schedules/rate.ts";
import type { Scheduled } from "../schedules/schedule.ts";

/** A learning rate or weight decay after validation, and what messages call it. */
export interface ReadRate {
  readonly scheduled: Scheduled;
  /** Steps that it has values for; null where it is no vector. */
  readonly length: number | null;
  readonly what: string;
  readonly where: string;
}

/**
 * As `readWeightDecay`, for a learning rate.
 *
 * @throws RangeError for a string too: the original takes it for an iterable and raises a
 *   ValueError at its first character
 */
export function readLearningRate(value: unknown, what: string, where: string): ReadRate {
  if (typeof value === "string") throw wrongValue(what, where, A_RATE, value);
  return readWeightDecay(value, what, where);
}

/**
 * Reads what `readRate` reads, but a vector of one element is a constant, as the original's
 * learning rates are, which warns of it too.
 *
 * @throws TypeError for a wrong kind, RangeError for a wrong value
 */
export function readWeightDecay(value: unknown, what: string, where: string): ReadRate {
  const read = readRateOrVector(value, what, where);
  if (typeof read !== "object") return { scheduled: read, length: null, what, where };
  const { length } = read;
  if (length > 1) return { scheduled: vectorWithEnd(read, what, where), length, what, where };
  console.warn(
    `ashlar: "${what}" of ${where} has one element and is taken as a constant, ${read[0]}`,
  );
  return { scheduled: read[0], length: null, what, where };
}

/** @throws RangeError where two vectors differ in length: one count of steps reads all of them */
export function requireEqualLengths(rates: readonly ReadRate[]): void {
  const vectors = rates.filter(({ length }) => length !== null);
  for (const { length, what, where } of vectors) {
    const [first] = vectors;
    if (length === first.length) continue;
    const expected = `${first.length} values, as ${show(first.what)} of ${first.where} has`;
    throw wrongValue(what, where, expected, length);
  }
}
