import { type AdamWOptions, clipByGlobalNorm, cosineWithWarmup } from "../../src/index.ts";
import { realistic } from "../reference/patterns.ts";
import { xorshift32 } from "../reference/random.ts";

// What the ranks of scripts/scale-test.mjs train: gradients that nobody can make without the weights of
// the step before, and that depend on the step and on whose micro-batch they are.

/**
 * "exact": sums of gradients are exact, in whatever order and however they are spread over ranks: one
 * digest for any number of them. "rounded": each sum is rounded, so that the order counts: N ranks have
 * the digest of one process that adds N micro-batches in the order of the ranks.
 */
export type Problem = "exact" | "rounded";

/** Elements at the edges of blocks and between them: 107,890 in all. */
const SHAPES: Readonly<Record<string, readonly number[]>> = {
  "embedding.weight": [500, 110],
  "hidden.weight": [128, 128],
  "hidden.bias": [128],
  "output.weight": [257, 141],
  "output.bias": [141],
};
export const NAMES = Object.keys(SHAPES);
export const lengthOf = (name: string) => SHAPES[name].reduce((product, n) => product * n, 1);
export const ELEMENTS = NAMES.reduce((sum, name) => sum + lengthOf(name), 0);

/** The same initial weights for every call. */
export const initial = () =>
  Object.fromEntries(
    NAMES.map((name, i) => [name, { shape: SHAPES[name], data: realistic(lengthOf(name), i + 1) }]),
  );

export function optionsOf(problem: Problem, steps: number): AdamWOptions {
  const lr = cosineWithWarmup({
    peak: 1e-3,
    warmupSteps: Math.floor(steps / 20),
    totalSteps: steps,
  });
  return problem === "exact" ? { lr } : { lr, clip: clipByGlobalNorm(1), weightDecay: 0.1 };
}

/** Micro-gradients of a step of the exact problem: any number of ranks from 1 to 4 has equally many. */
const EXACT = 12;
const NOISE = 65_536;

const next = xorshift32(9);
const INTEGERS = Int32Array.from({ length: NOISE }, () => next() >> 18);
/** Of many magnitudes, so that sums are rounded. */
const FLOATS = Float32Array.from(INTEGERS, (n, i) => n / 2 ** (8 + (i % 11)));

/** Where in the noise a micro-batch's gradients begin. */
function offsetOf(step: number, microBatch: number, parameter: number): number {
  const mixed =
    Math.imul(step * 64 + microBatch + 1, 0x9e3779b1) ^ Math.imul(parameter + 1, 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) & (NOISE - 1);
}

/** Arrays by name: weights, or gradients to be written. */
export type Arrays = (name: string) => Float32Array;

/** Writes what a rank has of a step's gradients: some of the exact ones, or its own rounded one. */
export function writeGradients(
  problem: Problem,
  step: number,
  { rank, size }: { readonly rank: number; readonly size: number },
  weights: Arrays,
  gradients: Arrays,
): void {
  for (const [parameter, name] of NAMES.entries()) {
    const [from, into] = [weights(name), gradients(name)];
    if (problem === "rounded") {
      writeRounded(into, from, offsetOf(step, rank, parameter));
      continue;
    }
    const offsets: number[] = [];
    for (let micro = (rank * EXACT) / size; micro < ((rank + 1) * EXACT) / size; micro++) {
      offsets.push(offsetOf(step, micro, parameter));
    }
    writeExact(into, from, offsets);
  }
}

/** Sums of whole numbers below 2^14, in units of 2^-12: those of twelve are exact. */
function writeExact(into: Float32Array, weights: Float32Array, offsets: readonly number[]): void {
  for (let i = 0; i < into.length; i++) {
    let sum = offsets.length * Math.max(-4096, Math.min(4096, Math.trunc(weights[i] * 256)));
    for (let k = 0; k < offsets.length; k++) sum += INTEGERS[(i + offsets[k]) & (NOISE - 1)];
    into[i] = sum / 4096;
  }
}

function writeRounded(into: Float32Array, weights: Float32Array, offset: number): void {
  for (let i = 0; i < into.length; i++) {
    into[i] = FLOATS[(i + offset) & (NOISE - 1)] + weights[i] / 64;
  }
}
