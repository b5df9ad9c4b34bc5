import { wrongKind, wrongValue } from "../errors.ts";

/**
 * Raises `base` to a non-negative integer by binary powering from the low bit, in float64.
 *
 * The order of the multiplications is a promise: the bias corrections 1 - beta^t are made with this
 * function, so another order would be another optimizer state. Relative error: below
 * exponent * 2^-53 while nothing under- or overflows (x^n is a tree of n - 1 products, each of
 * which rounds once).
 *
 * @param base      any number; over- and underflow, sign and NaN as in repeated multiplication
 * @param exponent  an integer from 0 to 2^53 - 1; 0 gives 1 for every base, NaN included
 * @throws TypeError for an exponent that is not a number, RangeError for any other exponent
 */
export function ipow(base: number, exponent: number): number {
  // Math.floor of a string is a number, so the comparison also refuses what is not a number.
  if (
    !(exponent >= 0 && exponent <= Number.MAX_SAFE_INTEGER && Math.floor(exponent) === exponent)
  ) {
    throw refused(exponent);
  }
  let result = 1;
  let square = base;
  let rest = exponent;
  while (rest > 0) {
    // Halved by division, because the shift operators see only the low 32 bits.
    const half = Math.floor(rest / 2);
    if (rest !== half + half) result *= square;
    square *= square;
    rest = half;
  }
  return result;
}

function refused(exponent: unknown): Error {
  const expected = "an integer from 0 to 2^53 - 1";
  return typeof exponent === "number"
    ? wrongValue("exponent", "ipow", expected, exponent, "pow takes real and negative exponents")
    : wrongKind("exponent", "ipow", expected, exponent);
}
