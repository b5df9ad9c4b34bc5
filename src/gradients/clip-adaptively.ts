import type { AdaptiveConvention, ClipAdaptive } from "./clip.ts";
import { type GradientPart, type ParameterGradient, rowLengthOf, scaleRange } from "./gradient.ts";
import { squaresOfRange } from "./reduce.ts";

/** `largest` is what the norm of the gradient may be. */
const COEFFICIENTS: Record<AdaptiveConvention, (norm: number, largest: number) => number> = {
  // timm's adaptive_clip_grad
  timm: (norm, largest) => (norm < largest ? 1 : largest / Math.max(norm, 1e-6)),
  // Composer's gradient clipping, which takes 0 / 0 for 1.
  composer: (norm, largest) => {
    const ratio = largest / norm;
    return Number.isNaN(ratio) ? 1 : Math.min(1, ratio);
  },
};

/**
 * Clips each row of a gradient by the norm of the same row of the weights, in place. A vector or a
 * scalar is one row. Norms and coefficients are float64, in the order of reduce.ts, each row one
 * range; each product is formed in float64 and rounded once to float32.
 *
 * @param weights the parameter's elements; they may be split otherwise than the gradient
 */
export function clipAdaptively(
  gradient: ParameterGradient,
  weights: readonly GradientPart[],
  { factor, floor, convention }: ClipAdaptive,
): void {
  const { shape, length, parts } = gradient;
  const inRows = shape.length >= 2;
  const rowLength = inRows ? rowLengthOf(shape) : length;
  const rows = inRows ? shape[0] : 1;
  const coefficientOf = COEFFICIENTS[convention];
  for (let row = 0; row < rows; row++) {
    const start = row * rowLength;
    const end = start + rowLength;
    const norm = Math.sqrt(squaresOfRange(parts, start, end));
    const weightNorm = Math.sqrt(squaresOfRange(weights, start, end));
    const coefficient = coefficientOf(norm, factor * Math.max(weightNorm, floor));
    if (coefficient !== 1) scaleRange(parts, start, end, coefficient);
  }
}
