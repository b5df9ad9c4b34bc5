import { expOfSum } from "./exp.ts";
import { quotientRest } from "./log.ts";
import { LN2_HIGH, LN2_LOW, productError, sumError } from "./parts.ts";
import { nearestExponent, powerOfTwo, SMALLEST_NORMAL, TWO_TO_54 } from "./powers.ts";

const TWO_TO_64 = 18446744073709552000;

/**
 * Returns base^exponent, the same bits in every engine.
 *
 * Domain: base >= 0 with any exponent, base < 0 with integers. Error: below 0.7 ulp, for subnormal
 * results too (largest seen: 0.59); a power that is a float64 itself comes out exactly.
 * Special values, all as ECMAScript's: pow(x, 0) = 1 for every x, NaN included; else NaN where an
 * argument is NaN, for base 1 or -1 with an infinite exponent, and for a finite base < 0 with an
 * exponent that is not an integer. pow(0, y) is 0 for y > 0 and Infinity for y < 0,
 * pow(Infinity, y) the reverse. The sign of the base, of -0 and -Infinity too, stays with an
 * odd exponent and goes with any other. Overflow gives Infinity, underflow 0.
 *
 * For bias corrections use `ipow`, whose order of multiplications is part of the bit contract.
 */
export function pow(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  const integer = Math.floor(exponent) === exponent;
  if (base < 0 && base > -Infinity && !integer) return NaN;
  // False for an infinite exponent, where it compares Infinity - Infinity.
  const odd = integer && exponent - 2 * Math.floor(exponent / 2) === 1;
  const negative = odd && (base < 0 || Object.is(base, -0));
  const magnitude = powOfPositive(Math.abs(base), exponent);
  return negative ? -magnitude : magnitude;
}

/** base^exponent for base >= 0 and exponent other than 0: e^(exponent * log base), in two parts. */
function powOfPositive(base: number, exponent: number): number {
  if (!(base > 0 && base < Infinity)) {
    if (Number.isNaN(base) || Number.isNaN(exponent)) return NaN;
    const reciprocal = exponent < 0;
    return (base === 0) === reciprocal ? Infinity : 0;
  }
  // Here |log base| >= 2^-53, or base is 1, so that nothing but 0, 1, NaN and Infinity can result.
  if (!(Math.abs(exponent) < TWO_TO_64)) return limitOf(base, exponent);
  const logarithm = base < SMALLEST_NORMAL ? longLog(base * TWO_TO_54, -54) : longLog(base, 0);
  const product = exponent * logarithm.high;
  const error = productError(exponent, logarithm.high, product);
  return expOfSum(product, error + exponent * logarithm.low);
}

/** base^exponent for a huge, infinite or NaN exponent. */
function limitOf(base: number, exponent: number): number {
  if (base === 1) return Math.abs(exponent) < Infinity ? 1 : NaN;
  if (Number.isNaN(exponent)) return NaN;
  const reciprocal = exponent < 0;
  return base > 1 === reciprocal ? 0 : Infinity;
}

/** A number as the unevaluated sum of two. */
interface Sum {
  readonly high: number;
  readonly low: number;
}

// What 1/3 and 1/5 exceed their float64s by: 2^54 times those are 2^54/3 - 1/3 and 2^54/5 + 1/5.
const THIRD_REST = 1 / 3 / TWO_TO_54;
const FIFTH_REST = -1 / 5 / TWO_TO_54;

/**
 * log(x 2^shift) for a normal x, within 2^-68 of its value: the power's relative error is up to 745
 * times as much, still only 0.02 ulp.
 *
 * The reduction is that of `log`, and so is the series; its first two coefficients, z and s are
 * carried in two parts. What is left in one part is z^3 (1/7 + ...) < 2^-18 of the whole.
 */
function longLog(x: number, shift: number): Sum {
  const exponent = nearestExponent(x);
  const m = x * powerOfTwo(-exponent);
  const k = exponent + shift;
  const denominator = 1 + m;
  const inverse = 1 / denominator;
  const s = (m - 1) * inverse;
  const sRest = quotientRest(m, denominator, inverse, s);
  const z = s * s;
  const zRest = productError(s, s, z) + 2 * s * sRest;

  // series = z (1/3 + z (1/5 + z (1/7 + ...))), so that log m = 2 s (1 + series).
  const tail = z * seriesFromSeventh(z);
  const fifth = 1 / 5 + tail;
  const fifthRest = sumError(1 / 5, tail, fifth) + FIFTH_REST;
  const inner = z * fifth;
  const innerRest = productError(z, fifth, inner) + (z * fifthRest + zRest * fifth);
  const third = 1 / 3 + inner;
  const thirdRest = sumError(1 / 3, inner, third) + (THIRD_REST + innerRest);
  const series = z * third;
  const seriesRest = productError(z, third, series) + (z * thirdRest + zRest * third);
  const beyond = s * series;
  const beyondRest = productError(s, series, beyond) + (s * seriesRest + sRest * series);

  const half = s + beyond;
  const halfRest = sumError(s, beyond, half) + (sRest + beyondRest);
  const whole = k * LN2_HIGH;
  const sum = whole + 2 * half;
  const rest = sumError(whole, 2 * half, sum) + (k * LN2_LOW + 2 * halfRest);
  const high = sum + rest;
  return { high, low: sumError(sum, rest, high) };
}

/** 1/7 + z/9 + ... + z^9/25, in pairs: shorter chains of dependent operations than Horner's. */
function seriesFromSeventh(z: number): number {
  const z2 = z * z;
  const z4 = z2 * z2;
  const first = 1 / 7 + z * (1 / 9) + z2 * (1 / 11 + z * (1 / 13));
  const second = 1 / 15 + z * (1 / 17) + z2 * (1 / 19 + z * (1 / 21));
  return first + z4 * (second + z4 * (1 / 23 + z * (1 / 25)));
}
