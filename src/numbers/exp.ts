import { LN2_HIGH, LN2_LOW, sumError } from "./parts.ts";
import { powerOfTwo } from "./powers.ts";

// The high part alone is near enough: k may be either neighbour where x / ln 2 is halfway.
const PER_LN2 = 1 / LN2_HIGH;

// Beyond these every result is infinite, or nearer to 0 than to the smallest subnormal.
const ABOVE_OVERFLOW = 710;
const BELOW_UNDERFLOW = -745.2;

/**
 * Returns e^x, the same bits in every engine.
 *
 * Domain: every number. Error: below 0.65 ulp, for subnormal results too (largest seen: 0.59).
 * Special values: exp(0) = exp(-0) = 1, exp(-Infinity) = 0, exp(Infinity) = Infinity,
 * exp(NaN) = NaN. Infinity from x = 709.7827128933841 up, 0 from x = -745.1332191019412 down.
 */
export function exp(x: number): number {
  return expOfSum(x, 0);
}

/**
 * Returns e^(x + tail), where |tail| is at most about half the last place of x.
 *
 * With k an integer next to x / ln 2, e^x = 2^k e^r and |r| <= 0.3466. The high part of r is
 * exact: k * LN2_HIGH is, and the difference to x needs no more bits than x has. Then
 *
 *   e^r = 1 + high + (r^2/2! + (low + r^3 (1/3! + r/4! + ... + r^11/14!)))
 *
 * which is Taylor's series; its next term, r^15/15!, is below 2^-63. 1 + high is kept in two parts,
 * and in r^2/2 the rounding of r is made good by r * rRest. What is left to round is below 0.07:
 * that makes up at most 0.13 ulp of the result. The last addition rounds by 0.5 ulp.
 */
export function expOfSum(x: number, tail: number): number {
  if (!(x < ABOVE_OVERFLOW && x > BELOW_UNDERFLOW)) return x > 0 ? Infinity : x < 0 ? 0 : NaN;
  const k = Math.floor(x * PER_LN2 + 0.5);
  const high = x - k * LN2_HIGH;
  const low = tail - k * LN2_LOW;
  const r = high + low;
  const one = 1 + high;
  // Not exact where high is the smaller one, but r is below 2^-33 there and r * rRest nothing.
  const rRest = sumError(high, low, r);
  const square = r * r;
  const series = square / 2 + (low + r * rRest + r * square * seriesFromCube(r, square));
  return timesPowerOfTwo(one, sumError(1, high, one) + series, k);
}

/** 1/3! + r/4! + ... + r^11/14!, in pairs: shorter chains of dependent operations than Horner's. */
function seriesFromCube(r: number, r2: number): number {
  const r4 = r2 * r2;
  const first = 1 / 6 + r * (1 / 24) + r2 * (1 / 120 + r * (1 / 720));
  const second = 1 / 5040 + r * (1 / 40320) + r2 * (1 / 362880 + r * (1 / 3628800));
  const third = 1 / 39916800 + r * (1 / 479001600) + r2 * (1 / 6227020800 + r * (1 / 87178291200));
  return first + r4 * (second + r4 * third);
}

/** (one + rest) * 2^k, rounded once: also where the result is subnormal and holds fewer bits. */
function timesPowerOfTwo(one: number, rest: number, k: number): number {
  const exponent = one < 1 ? k - 1 : k;
  if (exponent > 1022) return (one + rest) * powerOfTwo(1023) * powerOfTwo(k - 1023);
  if (exponent >= -1022) return (one + rest) * powerOfTwo(k);
  // The last place of `anchor` is 2^-1074 / 2^k: adding it rounds to the bits that will be left.
  const anchor = powerOfTwo(-1022 - k);
  const sum = anchor + one;
  const rounded = sum + (sumError(anchor, one, sum) + rest) - anchor;
  // Exact; k + 1, because 2^-1075 is no float64.
  return (rounded / 2) * powerOfTwo(k + 1);
}
