// Rounding to 16 bits by plain arithmetic: divide by the format's spacing at x, round the quotient
// to the nearest whole number, ties to even, multiply back. All of it is exact in float64.

interface Format {
  /** Significand bits that are stored. */
  readonly fractionBits: number;
  readonly minExponent: number;
  readonly maxExponent: number;
}

export const FORMATS = {
  float16: { fractionBits: 10, minExponent: -14, maxExponent: 15 },
  bfloat16: { fractionBits: 7, minExponent: -126, maxExponent: 127 },
} as const satisfies Record<string, Format>;

export type HalfName = keyof typeof FORMATS;

const word = new DataView(new ArrayBuffer(4));

/** floor(log2 |x|) of a float32 that is neither 0 nor infinite, subnormals included. */
function exponentOf(x: number): number {
  word.setFloat32(0, x);
  const bits = word.getUint32(0) & 0x7fffffff;
  return bits >= 0x800000 ? (bits >>> 23) - 127 : 31 - Math.clz32(bits) - 149;
}

function twoTo(exponent: number): number {
  return 2 ** exponent;
}

/** The 16 bits of float32 x. NaN gives the format's quiet NaN of positive sign. */
export function roundHalf(x: number, name: HalfName): number {
  const { fractionBits, minExponent, maxExponent }: Format = FORMATS[name];
  const one = 1 << fractionBits;
  const infinity = (maxExponent - minExponent + 2) * one;
  if (Number.isNaN(x)) return infinity + one / 2;
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(x);
  if (magnitude === 0) return sign;
  if (magnitude === Number.POSITIVE_INFINITY) return sign + infinity;
  let exponent = Math.max(exponentOf(magnitude), minExponent);
  const quotient = magnitude / twoTo(exponent - fractionBits);
  let count = Math.floor(quotient);
  const rest = quotient - count;
  if (rest > 0.5 || (rest === 0.5 && count % 2 === 1)) count++;
  if (count === 2 * one) {
    count = one;
    exponent++;
  }
  if (exponent > maxExponent) return sign + infinity;
  if (count < one) return sign + count;
  return sign + (exponent - minExponent + 1) * one + (count - one);
}

/** The float32 that 16 bits stand for. */
export function valueOfHalf(half: number, name: HalfName): number {
  const { fractionBits, minExponent, maxExponent }: Format = FORMATS[name];
  const one = 1 << fractionBits;
  const sign = half & 0x8000 ? -1 : 1;
  const field = (half & 0x7fff) >>> fractionBits;
  const fraction = half & (one - 1);
  if (field === maxExponent - minExponent + 2) {
    return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  }
  const exponent = Math.max(field - 1, 0) + minExponent;
  return sign * (fraction + (field ? one : 0)) * twoTo(exponent - fractionBits);
}

export function isHalfNaN(half: number, name: HalfName): boolean {
  return Number.isNaN(valueOfHalf(half, name));
}

/** A whole array, and how many finite values became infinite. NaN as the kernel writes it. */
export function narrowed(values: Float32Array, name: HalfName) {
  const halves = new Uint16Array(values.length);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let overflowed = 0;
  values.forEach((x, i) => {
    halves[i] = roundHalf(x, name);
    if (Number.isNaN(x)) {
      const sign = (bits[i] >>> 16) & 0x8000;
      halves[i] = name === "float16" ? sign | 0x7e00 : (bits[i] >>> 16) | 0x40;
    }
    if (Number.isFinite(x) && !Number.isFinite(valueOfHalf(halves[i], name))) overflowed++;
  });
  return { halves, overflowed };
}
