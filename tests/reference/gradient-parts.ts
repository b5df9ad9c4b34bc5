import type { GradientPart, ParameterGradient } from "../../src/gradients/gradient.ts";

/** Copies of values, cut at these elements. */
export function partsOf(values: Float32Array, cuts: readonly number[] = []): GradientPart[] {
  const ends = [...cuts, values.length];
  return ends.map((end, i) => {
    const first = i === 0 ? 0 : ends[i - 1];
    return { first, values: values.slice(first, end) };
  });
}

/** A gradient over copies of values, cut at these elements. */
export function gradientOf(
  values: ArrayLike<number>,
  shape: readonly number[] = [values.length],
  cuts: readonly number[] = [],
  name = "w",
): ParameterGradient {
  const copy = Float32Array.from(values);
  return { name, shape, length: copy.length, parts: partsOf(copy, cuts) };
}

/** All elements in one array. */
export function joined(parts: readonly GradientPart[]): Float32Array {
  const last = parts[parts.length - 1];
  const all = new Float32Array(last ? last.first + last.values.length : 0);
  for (const { first, values } of parts) all.set(values, first);
  return all;
}

/** Some of the multiples of 4,096 below length, in order; about half of them. */
export function randomCuts(length: number, next: () => number): number[] {
  const cuts: number[] = [];
  for (let at = 4096; at < length; at += 4096) if (next() & 0x100) cuts.push(at);
  return cuts;
}

/**
 * The sum in the order of the bit contract, from its words: element i adds to accumulator i mod 8;
 * ((a0+a4)+(a2+a6)) + ((a1+a5)+(a3+a7)).
 */
export function orderedSum(terms: readonly number[]): number {
  const [a0, a1, a2, a3, a4, a5, a6, a7] = [0, 1, 2, 3, 4, 5, 6, 7].map((lane) =>
    terms.filter((_, i) => i % 8 === lane).reduce((sum, term) => sum + term, 0),
  );
  return a0 + a4 + (a2 + a6) + (a1 + a5 + (a3 + a7));
}
