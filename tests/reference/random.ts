/**
 * Test data that any language can make again from a 32-bit seed. Only integer operations and exact
 * scalings by powers of two are used, so that every value is the same float32 everywhere.
 * scripts/torch-vectors.py holds the same functions in Python.
 */

/**
 * Makes Marsaglia's xorshift32 generator (shifts 13, 17, 5; period 2^32 - 1).
 *
 * @param seed  any 32-bit integer but 0; prefer one with many bits set, as the first numbers after
 *              a small seed are small too
 * @returns a function giving the next integer, 1 to 2^32 - 1
 */
export function xorshift32(seed: number): () => number {
  let state = seed >>> 0;
  if (state === 0)
    throw new RangeError(`"seed" of xorshift32: expected not 0 mod 2^32, got ${seed}`);
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** An odd multiple of 2^-24 in (-1, 1), from the upper 24 bits of `u`: an exact float32, never 0. */
export function fraction(u: number): number {
  return (2 * (u >>> 8) + 1 - 0x1000000) / 0x1000000;
}

/** A weight: a fraction times 2^0 .. 2^-3. */
export function weightValue(u: number): number {
  return fraction(u) / (1 << (u & 3));
}

/** A gradient: a fraction times 2^0 .. 2^-10, or 0 in 36 of 256 cases. */
export function gradientValue(u: number): number {
  const low = u & 255;
  return low < 220 ? fraction(u) / (1 << (low % 11)) : 0;
}
