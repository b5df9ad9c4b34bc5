import { gradientValue, xorshift32 } from "./random.ts";

/** Makes float32[length] from a seed. */
export type Bits = (length: number, seed: number) => Float32Array<ArrayBuffer>;

const generator = (seed: number) => xorshift32((seed * 2654435761 + 0x9e3779b9) | 1);

/** Values as training has them: 2^-10 .. 1 with some zeros. */
export const realistic: Bits = function realistic(length, seed) {
  const next = generator(seed);
  return Float32Array.from({ length }, () => gradientValue(next()));
};

const SPECIAL = [
  0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x00800000, 0x3f800000, 0xbf800000,
  0x7f7fffff, 0xff7fffff, 0x5f000000, 0x33800000, 0x477fe000, 0x477ff000, 0x38800000, 0x387fffff,
];

/**
 * Any finite bit pattern: one in eight is special (signed zeros, subnormals, huge, the edges of
 * float16), one in eight subnormal, the rest have any sign, exponent and significand.
 */
export const bitPatterns: Bits = function bitPatterns(length, seed) {
  const next = generator(seed);
  const bits = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    const u = next();
    const kind = u & 7;
    const pattern = next();
    if (kind === 0) bits[i] = SPECIAL[(u >>> 3) % SPECIAL.length];
    else if (kind === 1) bits[i] = pattern & 0x807fffff;
    else bits[i] = (pattern & 0x7f800000) === 0x7f800000 ? pattern & 0xbfffffff : pattern;
  }
  return new Float32Array(bits.buffer);
};

/** Any bit pattern at all, a NaN or an infinity in one of eight. */
export const withNonFinite: Bits = function withNonFinite(length, seed) {
  const values = bitPatterns(length, seed);
  const next = generator(seed + 77);
  return values.map((value) => {
    const u = next() & 15;
    return u === 0 ? Number.NaN : u === 1 ? Number.NEGATIVE_INFINITY : value;
  });
};

/** Subnormals and the smallest normals, of both signs. */
export const tiny: Bits = function tiny(length, seed) {
  const next = generator(seed);
  return new Float32Array(Uint32Array.from({ length }, () => next() & 0x80ffffff).buffer);
};
