/**
 * Numbers in two parts: a float64 and, as another, the error it was rounded by. That is how the
 * functions of this folder keep more than 53 bits. ECMAScript rounds every operation, so that no
 * engine may fuse a product and a sum and thereby change what is kept.
 */

/**
 * ln 2 = LN2_HIGH + LN2_LOW within 2^-102. The high part is floor(2^42 ln 2) / 2^42: its 42 bits
 * times an integer of up to 11 bits are exact.
 */
export const LN2_HIGH = 3048493539143 / 4398046511104;

/** The float64 nearest to ln 2 - LN2_HIGH. */
export const LN2_LOW = 5.497923018708371e-14;

/** pi = PI_HIGH + PI_LOW within 2^-108. The high part is the float64 nearest to pi. */
export const PI_HIGH = 884279719003555 / 281474976710656;

/** The float64 nearest to pi - PI_HIGH. */
export const PI_LOW = 1.2246467991473532e-16;

/**
 * Returns a + b - sum, exactly, where sum is the float64 a + b (Dekker 1971).
 *
 * @param a  0, or a number whose binary exponent is not below that of b
 */
export function sumError(a: number, b: number, sum: number): number {
  return b - (sum - a);
}

/**
 * Returns a * b - product, exactly, where product is the float64 a * b (Veltkamp 1968, Dekker
 * 1971): each factor is split in two parts of at most 26 bits, whose products are exact.
 * For |a|, |b| < 2^995 and products from 2^-968 up; below that it is off by some 2^-1074.
 */
export function productError(a: number, b: number, product: number): number {
  const aHigh = upperHalf(a);
  const bHigh = upperHalf(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** Rounds to 26 bits: the multiplier is 2^27 + 1. */
function upperHalf(a: number): number {
  const shifted = 134217729 * a;
  return shifted - (shifted - a);
}
