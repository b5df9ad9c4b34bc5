import { gradientAt, HYPER, weightAt } from "./data.ts";

// Whether a contender computes AdamW at all, before its speed is of interest.

/** Steps after which weights are compared. */
export const CHECKED_STEPS = 3;

/** A run of elements. */
export interface Sample {
  readonly first: number;
  readonly count: number;
}

/** The first and the last elements: a share that a thread forgot is at one end or the other. */
export function samplesOf(length: number): Sample[] {
  const count = Math.min(64, length);
  return [
    { first: 0, count },
    { first: length - count, count },
  ];
}

/** A contender has computed something else. */
export class WrongResult extends Error {}

/**
 * Weights move by about 1e-3 a step; float32 of any form stays within a few 1e-7. A wrong bias
 * correction is off by 1e-3, a missing decay by 1e-5.
 */
const TOLERANCE = 1e-6;

/** Compares weights after CHECKED_STEPS steps with the formula in float64. @throws WrongResult */
export function checkWeights(
  { first }: Sample,
  weights: ArrayLike<number>,
  weightDecay: number = HYPER.weightDecay,
): void {
  for (let j = 0; j < weights.length; j++) {
    const expected = truth(first + j, CHECKED_STEPS, weightDecay);
    if (Math.abs(weights[j] - expected) <= TOLERANCE) continue;
    throw new WrongResult(
      `expected weight ${first + j} to be ${expected} after ${CHECKED_STEPS} steps, got ${weights[j]}`,
    );
  }
}

/** AdamW of one element, as Loshchilov & Hutter print it, in float64. */
function truth(i: number, steps: number, weightDecay: number): number {
  const { lr, beta1, beta2, eps } = HYPER;
  const g = Math.fround(gradientAt(i));
  let p = Math.fround(weightAt(i));
  let m = 0;
  let v = 0;
  for (let t = 1; t <= steps; t++) {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const meanHat = m / (1 - beta1 ** t);
    const squareHat = v / (1 - beta2 ** t);
    p -= lr * weightDecay * p + (lr * meanHat) / (Math.sqrt(squareHat) + eps);
  }
  return p;
}

/** Compares what the update-shaped stream leaves: each step adds g to p. @throws WrongResult */
export function checkStream({ first }: Sample, weights: ArrayLike<number>): void {
  for (let j = 0; j < weights.length; j++) {
    const g = Math.fround(gradientAt(first + j));
    let p = Math.fround(weightAt(first + j));
    for (let t = 0; t < CHECKED_STEPS; t++) p = Math.fround(p + g);
    if (Math.fround(weights[j]) === p) continue;
    throw new WrongResult(`expected element ${first + j} to be ${p}, got ${weights[j]}`);
  }
}

/** Compares what a copy of the weights' pattern leaves. @throws WrongResult */
export function checkCopy({ first }: Sample, copied: ArrayLike<number>): void {
  for (let j = 0; j < copied.length; j++) {
    const expected = Math.fround(weightAt(first + j));
    if (Math.fround(copied[j]) === expected) continue;
    throw new WrongResult(`expected element ${first + j} to be ${expected}, got ${copied[j]}`);
  }
}
