import { wrongKind, wrongValue } from "../errors.ts";

/** A finite number > 0. */
export function positive(value: unknown, what: string, where: string): number {
  return within(value, "a finite number > 0", (x) => Number.isFinite(x) && x > 0, what, where);
}

/**
 * A number that `fits`.
 *
 * @throws TypeError where it is no number, RangeError where it doesn't fit
 */
export function within(
  value: unknown,
  expected: string,
  fits: (value: number) => boolean,
  what: string,
  where: string,
): number {
  if (typeof value !== "number") throw wrongKind(what, where, expected, value);
  if (!fits(value)) throw wrongValue(what, where, expected, value);
  return value;
}
