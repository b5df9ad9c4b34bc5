// Numbers that look random and are the same in every run.

/** A generator (xorshift32) of numbers in [0, 1). @param {number} seed an integer above 0 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * How much longer than the fastest a rank takes: a Pareto distribution of shape 4, with a mean of 4/3. Square
 * roots are rounded correctly everywhere; powers and logarithms are not.
 * @param {number} u in [0, 1)
 */
export const slowness = (u) => 1 / Math.sqrt(Math.sqrt(1 - u));
