// Gradients as the passes of this folder see them: runs of plain float32 values, wherever they lie.

/** A run of a parameter's elements that lies in one memory. */
export interface GradientPart {
  /** Element of the parameter that the run begins with: a multiple of 4,096. */
  readonly first: number;
  readonly values: Float32Array;
}

/** A parameter's gradient. The parts are in order and leave nothing out. */
export interface ParameterGradient {
  readonly name: string;
  readonly shape: readonly number[];
  /** Number of elements, the product of `shape`. */
  readonly length: number;
  readonly parts: readonly GradientPart[];
}

/** Sees `values[from]` to `values[to - 1]`; `values[from]` is element `offset` of the range. */
type RunVisitor = (values: Float32Array, from: number, to: number, offset: number) => void;

/** Visits the elements start .. end-1 of a parameter in order, run by run. */
export function forEachRun(
  parts: readonly GradientPart[],
  start: number,
  end: number,
  visit: RunVisitor,
): void {
  for (const { first, values } of parts) {
    const from = Math.max(start, first);
    const to = Math.min(end, first + values.length);
    if (from < to) visit(values, from - first, to - first, from - start);
  }
}

/** Multiplies the elements start .. end-1, in float64, and rounds each product once to float32. */
export function scaleRange(
  parts: readonly GradientPart[],
  start: number,
  end: number,
  factor: number,
): void {
  forEachRun(parts, start, end, (values, from, to) => {
    for (let i = from; i < to; i++) values[i] *= factor;
  });
}

/** Elements of one row: all that share an index of dimension 0. 1 for a vector. */
export function rowLengthOf(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, size) => product * size, 1);
}
