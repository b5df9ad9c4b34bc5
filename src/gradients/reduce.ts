import { BLOCK_LENGTH } from "../../assembly/layout.ts";
import { forEachRun, type GradientPart, type ParameterGradient } from "./gradient.ts";

// Sums in one fixed order, so that neither the engine nor the way in which a parameter is split
// changes a bit: docs/semantics.md, "Reductions". Each sum is in float64 over a range of elements:
// element i of the range adds to accumulator i mod 8, and the sum is
// ((a0+a4)+(a2+a6)) + ((a1+a5)+(a3+a7)).

const accumulators = new Float64Array(8);

/** The sum of elements start .. end-1, as one range. */
export function sumOfRange(parts: readonly GradientPart[], start: number, end: number): number {
  accumulators.fill(0);
  forEachRun(parts, start, end, (values, from, to, offset) => {
    const shift = offset - from;
    for (let i = from; i < to; i++) accumulators[(i + shift) & 7] += values[i];
  });
  return total(accumulators);
}

/** The sum of the squares of elements start .. end-1, as one range. */
export function squaresOfRange(parts: readonly GradientPart[], start: number, end: number): number {
  accumulators.fill(0);
  forEachRun(parts, start, end, (values, from, to, offset) => {
    const shift = offset - from;
    for (let i = from; i < to; i++) {
      const x = values[i];
      accumulators[(i + shift) & 7] += x * x;
    }
  });
  return total(accumulators);
}

/**
 * The sum of squares of a whole tensor: block after block of 4,096 elements, each a range.
 *
 * @param sum what to add the blocks to: the total of the tensors before this one
 */
export function sumSquares({ length, parts }: ParameterGradient, sum = 0): number {
  let running = sum;
  for (let start = 0; start < length; start += BLOCK_LENGTH) {
    running += squaresOfRange(parts, start, Math.min(start + BLOCK_LENGTH, length));
  }
  return running;
}

function total(a: Float64Array): number {
  return a[0] + a[4] + (a[2] + a[6]) + (a[1] + a[5] + (a[3] + a[7]));
}
