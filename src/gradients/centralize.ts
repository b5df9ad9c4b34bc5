import { forEachRun, type ParameterGradient, rowLengthOf } from "./gradient.ts";
import { sumOfRange } from "./reduce.ts";

export interface CentralizeOptions {
  /** Act only where shape[1] is a multiple of 16, as MindSpore does without saying so. */
  readonly onlyMultiplesOf16?: boolean | undefined;
}

/**
 * Subtracts from each row (all elements that share an index of dimension 0) its mean, in place.
 *
 * The mean is the row's sum in float64, in the order of reduce.ts, divided by the row's length. The
 * difference is formed in float64 and rounded once to float32.
 *
 * Source: Yong et al. 2020, "Gradient Centralization"; MindSpore's `grad_centralization`.
 *
 * @returns whether it acts on this shape: tensors of less than two dimensions stay as they are
 */
export function centralize(gradient: ParameterGradient, options: CentralizeOptions = {}): boolean {
  const { shape, parts } = gradient;
  if (shape.length < 2) return false;
  if (options.onlyMultiplesOf16 && shape[1] % 16 !== 0) return false;
  const rowLength = rowLengthOf(shape);
  for (let row = 0; row < shape[0]; row++) {
    const start = row * rowLength;
    const end = start + rowLength;
    const mean = sumOfRange(parts, start, end) / rowLength;
    forEachRun(parts, start, end, (values, from, to) => {
      for (let i = from; i < to; i++) values[i] -= mean;
    });
  }
  return true;
}
