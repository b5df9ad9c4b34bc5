// Conversions between float formats on bits, to nearest, ties to even, with the bits of the core. On
// bits, as an engine may write any NaN it likes where one passes through a number.

const INFINITY = 0x7f800000;
const MAGNITUDE = 0x7fffffff;
/** The distance of the exponents of float16 and float32. */
const TWO_TO_112 = 0x100000000000000 * 0x100000000000000;

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);
const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);

/** float32 bits to bfloat16 bits: adds just under half of the last kept bit, plus that bit. */
export function bfloat16Of(bits: number): number {
  if ((bits & MAGNITUDE) > INFINITY) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** float32 bits to float16 bits. */
export function float16Of(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & MAGNITUDE;
  if (magnitude > INFINITY) return sign | 0x7e00;
  // From 2^16 on all is infinite; up to there a carry out of the significand may make it so.
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    const rebiased = magnitude - 0x38000000;
    return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
  }
  // Below 2^-14 the spacing is 2^-24: counts them, rounded to a whole number by the sum.
  word[0] = magnitude;
  return sign | (single[0] * 0x1000000 + 0x10000000000000 - 0x10000000000000);
}

/** bfloat16 bits as float32 bits. */
export function wordOfBfloat16(half: number): number {
  return (half << 16) >>> 0;
}

/** float16 bits as float32 bits; a NaN keeps its payload. */
export function wordOfFloat16(half: number): number {
  const sign = (half & 0x8000) << 16;
  const magnitude = half & 0x7fff;
  if (magnitude >= 0x7c00) return (sign | INFINITY | ((magnitude & 0x3ff) << 13)) >>> 0;
  // Shifted into place it is a float32 with the other bias: 2^112 too small.
  word[0] = magnitude << 13;
  single[0] *= TWO_TO_112;
  return (sign | word[0]) >>> 0;
}

/** A float64 as float32 bits. */
export function wordOfDouble(value: number): number {
  if (Number.isNaN(value)) return wordOfNaN(value);
  single[0] = value;
  return word[0];
}

/**
 * A float64 as float32 bits, rounded to odd: towards zero, and then the last bit is set if anything
 * was lost. What is rounded to 16 bits afterwards is as if it had been rounded once. Source: Boldo
 * and Melquiond 2008, "Emulation of FMA and Correctly Rounded Sums: Proved Algorithms Using Rounding
 * to Odd".
 */
export function oddWordOfDouble(value: number): number {
  if (Number.isNaN(value)) return wordOfNaN(value);
  single[0] = value;
  if (single[0] === value) return word[0];
  if (Math.abs(single[0]) > Math.abs(value)) word[0]--;
  return (word[0] | 1) >>> 0;
}

function wordOfNaN(value: number): number {
  double[0] = value;
  return ((doubleWords[1] & 0x80000000) | 0x7fc00000) >>> 0;
}
