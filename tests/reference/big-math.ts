/**
 * An independent reference for the functions of src/numbers: fixed-point arithmetic on BigInt, no
 * float64 in any result. A `Fixed` is an integer that stands for itself times 2^-FRACTION; each
 * operation is off by a few units of 2^-FRACTION at most.
 */
export type Fixed = bigint;

export const FRACTION = 256n;
export const ONE: Fixed = 1n << FRACTION;

/** mantissa * 2^exponent, exactly. */
export interface Scaled {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const view = new DataView(new ArrayBuffer(8));

/** Takes a finite float64 apart, exactly. */
export function fromFloat(x: number): Scaled {
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const field = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  if (field === 0x7ff) throw new RangeError(`fromFloat: expected a finite number, got ${x}`);
  const magnitude = field === 0 ? fraction : fraction | 0x10000000000000n;
  return { mantissa: bits >> 63n ? -magnitude : magnitude, exponent: Math.max(field, 1) - 1075 };
}

/** value * 2^shift, rounded down. */
function shifted(value: bigint, shift: number): bigint {
  return shift >= 0 ? value << BigInt(shift) : value >> BigInt(-shift);
}

export function toFixed(x: Scaled): Fixed {
  return shifted(x.mantissa, x.exponent + Number(FRACTION));
}

export function bitLength(value: bigint): number {
  return (value < 0n ? -value : value).toString(2).length;
}

function multiply(a: Fixed, b: Fixed): Fixed {
  return (a * b) >> FRACTION;
}

/** atanh(numerator / denominator), for a small quotient: t + t^3/3 + t^5/5 + ... */
function atanh(numerator: bigint, denominator: bigint): Fixed {
  const t = (numerator << FRACTION) / denominator;
  const square = multiply(t, t);
  let sum = t;
  let power = t;
  for (let n = 3n; power !== 0n && power !== -1n; n += 2n) {
    power = multiply(power, square);
    sum += power / n;
  }
  return sum;
}

/** atan(1 / n): alternating signs of the same series. */
function atanOfInverse(n: bigint): Fixed {
  let power = ONE / n;
  let sum = power;
  for (let k = 3n; power !== 0n; k += 2n) {
    power = -power / (n * n);
    sum += power / k;
  }
  return sum;
}

/** ln 2 = 2 atanh(1/3). */
export const LN2: Fixed = 2n * atanh(1n, 3n);

/** pi = 16 atan(1/5) - 4 atan(1/239) (Machin 1706). */
export const PI: Fixed = 16n * atanOfInverse(5n) - 4n * atanOfInverse(239n);

/** e^x as mantissa * 2^exponent, relative error below 2^-235 for |x| < 2^12. */
export function expOfFixed(x: Fixed): Scaled {
  const k = x / LN2;
  // Eight halvings keep the series short; eight squarings undo them.
  const r = (x - k * LN2) >> 8n;
  let term = ONE;
  let value = ONE;
  for (let n = 1n; term !== 0n && term !== -1n; n += 1n) {
    term = multiply(term, r) / n;
    value += term;
  }
  for (let i = 0; i < 8; i++) value = multiply(value, value);
  return { mantissa: value, exponent: Number(k) - Number(FRACTION) };
}

export function exp(x: number): Scaled {
  return expOfFixed(toFixed(fromFloat(x)));
}

/** log x, absolute error below 2^-230; x > 0. */
export function logToFixed(x: number): Fixed {
  const { mantissa, exponent } = fromFloat(x);
  const length = bitLength(mantissa);
  const m = shifted(mantissa, Number(FRACTION) - length);
  // log m = g + 2 atanh((m - e^g) / (m + e^g)) for any guess g; a good one makes the series short.
  const guess = toFixed(fromFloat(Math.log(Number(m >> (FRACTION - 53n)) / 9007199254740992)));
  const power = expOfFixed(guess);
  const near = shifted(power.mantissa, power.exponent + Number(FRACTION));
  return guess + 2n * atanh(m - near, m + near) + BigInt(length + exponent) * LN2;
}

export function log(x: number): Scaled {
  return { mantissa: logToFixed(x), exponent: -Number(FRACTION) };
}

/** base^exponent for base > 0, |exponent * log base| < 2^12. */
export function pow(base: number, exponent: number): Scaled {
  const y = fromFloat(exponent);
  return expOfFixed(shifted(y.mantissa * logToFixed(base), y.exponent));
}

/** cos(pi x), absolute error below 2^-245. */
export function cosPi(x: number): Scaled {
  const turn = ((toFixed(fromFloat(x)) % (2n * ONE)) + 2n * ONE) % (2n * ONE);
  const folded = turn > ONE ? 2n * ONE - turn : turn;
  const toHalf = 2n * folded > ONE ? ONE - folded : folded;
  if (2n * toHalf === ONE) return { mantissa: 0n, exponent: 0 };
  const angle = multiply(PI, toHalf);
  const square = multiply(angle, angle);
  let term = ONE;
  let value = ONE;
  for (let n = 2n; term !== 0n && term !== -1n; n += 2n) {
    term = -multiply(term, square) / (n * (n - 1n));
    value += term;
  }
  return { mantissa: 2n * folded > ONE ? -value : value, exponent: -Number(FRACTION) };
}

/** base^exponent by exact squaring, each product cut to 256 bits: relative error below 2^-200. */
export function integerPower(base: number, exponent: number): Scaled {
  let result: Scaled = { mantissa: 1n, exponent: 0 };
  let square = fromFloat(base);
  for (let rest = BigInt(exponent); rest > 0n; rest >>= 1n) {
    if (rest & 1n)
      result = cut(result.mantissa * square.mantissa, result.exponent + square.exponent);
    square = cut(square.mantissa * square.mantissa, 2 * square.exponent);
  }
  return result;
}

function cut(mantissa: bigint, exponent: number): Scaled {
  const excess = Math.max(0, bitLength(mantissa) - Number(FRACTION));
  return { mantissa: mantissa >> BigInt(excess), exponent: exponent + excess };
}

/**
 * How far `computed` is from `truth`, in units in the last place of a float64 of the magnitude of
 * `truth`: 2^-52 of its power of two, at least 2^-1074. Infinity counts as 2^1024.
 */
export function ulpError(computed: number, truth: Scaled): number {
  if (Number.isNaN(computed)) return Infinity;
  const value =
    Math.abs(computed) === Infinity
      ? { mantissa: computed > 0 ? 1n : -1n, exponent: 1024 }
      : fromFloat(computed);
  const unit = truth.mantissa === 0n ? -1074 : bitLength(truth.mantissa) + truth.exponent - 53;
  const place = Math.max(unit, -1074) - 64;
  const difference =
    shifted(value.mantissa, value.exponent - place) -
    shifted(truth.mantissa, truth.exponent - place);
  return Number(difference < 0n ? -difference : difference) / 18446744073709552000;
}
