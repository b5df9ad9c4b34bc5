import { PI_HIGH, PI_LOW, productError, sumError } from "./parts.ts";

/**
 * Returns cos(pi x), the same bits in every engine.
 *
 * Domain: every finite number; cosPi(-x) = cosPi(x). Error: below 0.7 ulp (largest seen: 0.65).
 * Special values: exactly 1 for even integers (which all numbers from 2^53 up are), -1 for odd ones
 * and +0 for the halves between them; NaN for NaN, Infinity and -Infinity.
 *
 * The argument is folded at 2, 1 and 1/2. Each fold drops multiples of 2 or is a difference of two
 * numbers within a factor of 2 of each other: exact. Only then does pi come in, in two parts.
 */
export function cosPi(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude < Infinity)) return NaN;
  const turn = magnitude - 2 * Math.floor(magnitude / 2);
  const folded = turn > 1 ? 2 - turn : turn;
  const toHalf = folded > 0.5 ? 1 - folded : folded;
  // At 9/32 both series round about equally well.
  const value = toHalf > 0.28125 ? sinPiOfSmall(0.5 - toHalf) : cosPiOfSmall(toHalf);
  return folded > 0.5 ? -value : value;
}

/**
 * cos(pi u), 0 <= u <= 9/32: 1 - t^2/2! + t^4/4! - t^6 (1/6! - t^2/8! + ... + t^12/18!), t = pi u.
 * The next term, t^20/20!, is below 2^-64. t^2/2 is subtracted in two parts; t^4/4! is below 0.026.
 * What rounds there and after it adds at most 0.17 ulp to the 0.5 of the last addition.
 */
function cosPiOfSmall(u: number): number {
  const t = PI_HIGH * u;
  const tRest = productError(PI_HIGH, u, t) + PI_LOW * u;
  const square = t * t;
  const squareRest = productError(t, t, square) + 2 * t * tRest;
  const lead = 1 - square / 2;
  const leadRest = sumError(1, -square / 2, lead) - squareRest / 2;
  const fourth = square * square;
  return lead + (leadRest - fourth * square * cosSeries(square) + fourth / 24);
}

/**
 * sin(pi u), 0 <= u < 7/32: t - t^3/3! + t^5 (1/5! - t^2/7! + ... + t^12/17!), t = pi u in two
 * parts. The next term, t^19/19!, is below 2^-66 of the first, and the cubic below 0.08 of it.
 * What rounds there and after it adds at most 0.2 ulp to the 0.5 of the last addition.
 */
function sinPiOfSmall(u: number): number {
  const t = PI_HIGH * u;
  const tRest = productError(PI_HIGH, u, t) + PI_LOW * u;
  const square = t * t;
  const cube = t * square;
  return t + (tRest * (1 - square / 2) + cube * square * sinSeries(square) - cube / 6);
}

/** 1/6! - z/8! + ... + z^6/18!, in pairs. */
function cosSeries(z: number): number {
  const z2 = z * z;
  const first = 1 / 720 - z * (1 / 40320) + z2 * (1 / 3628800 - z * (1 / 479001600));
  const second = 1 / 87178291200 - z * (1 / 20922789888000) + z2 * (1 / 6402373705728000);
  return first + z2 * z2 * second;
}

/** 1/5! - z/7! + ... + z^6/17!, in pairs. */
function sinSeries(z: number): number {
  const z2 = z * z;
  const first = 1 / 120 - z * (1 / 5040) + z2 * (1 / 362880 - z * (1 / 39916800));
  const second = 1 / 6227020800 - z * (1 / 1307674368000) + z2 * (1 / 355687428096000);
  return first + z2 * z2 * second;
}
