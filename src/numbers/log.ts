import { LN2_HIGH, LN2_LOW, productError, sumError } from "./parts.ts";
import { nearestExponent, powerOfTwo, SMALLEST_NORMAL, TWO_TO_54 } from "./powers.ts";

/**
 * Returns the natural logarithm of x, the same bits in every engine.
 *
 * Domain: x >= 0. Error: below 0.6 ulp (largest seen: 0.56).
 * Special values: log(1) = +0, log(0) = log(-0) = -Infinity, log(Infinity) = Infinity;
 * NaN for NaN and for x < 0.
 *
 * With x = 2^k m, 0.7071 <= m < 1.4143, and s = (m - 1) / (m + 1), so that |s| <= 0.1716:
 *
 *   log x = k ln 2 + 2 (s + s^3/3 + s^5/5 + ... + s^21/21)
 *
 * which is the series of 2 atanh(s); its next term, s^23/23, is below 2^-60 of the first. m - 1 is
 * exact and s is kept in two parts, so that only the terms after it round: they are below 0.01 of
 * s, and their roundings below 0.07 ulp of the result. The sum of k LN2_HIGH, which is exact, and
 * 2 s is kept in two parts too. The last addition rounds by 0.5 ulp.
 */
export function log(x: number): number {
  if (!(x > 0 && x < Infinity)) return x === 0 ? -Infinity : x > 0 ? Infinity : NaN;
  if (x < SMALLEST_NORMAL) return logOfNormal(x * TWO_TO_54, -54);
  return logOfNormal(x, 0);
}

/** log(x 2^shift) for a normal x. */
function logOfNormal(x: number, shift: number): number {
  const exponent = nearestExponent(x);
  const m = x * powerOfTwo(-exponent);
  const k = exponent + shift;
  const denominator = 1 + m;
  const inverse = 1 / denominator;
  const s = (m - 1) * inverse;
  const sRest = quotientRest(m, denominator, inverse, s);
  const z = s * s;
  const high = k * LN2_HIGH;
  const sum = high + 2 * s;
  const low = k * LN2_LOW + 2 * (sRest + s * z * seriesFromThird(z));
  return sum + (sumError(high, 2 * s, sum) + low);
}

/**
 * Returns (m - 1) / (m + 1) - s, where s is that quotient within a few roundings, `denominator` the
 * float64 m + 1 and `inverse` its reciprocal; m from 0.5 to 2.
 */
export function quotientRest(m: number, denominator: number, inverse: number, s: number): number {
  const product = s * denominator;
  const remainder = m - 1 - product - productError(s, denominator, product);
  return (remainder - s * sumError(1, m, denominator)) * inverse;
}

/** 1/3 + z/5 + ... + z^9/21, in pairs: shorter chains of dependent operations than Horner's. */
function seriesFromThird(z: number): number {
  const z2 = z * z;
  const z4 = z2 * z2;
  const first = 1 / 3 + z * (1 / 5) + z2 * (1 / 7 + z * (1 / 9));
  const second = 1 / 11 + z * (1 / 13) + z2 * (1 / 15 + z * (1 / 17));
  const third = 1 / 19 + z * (1 / 21);
  return first + z4 * (second + z4 * third);
}
