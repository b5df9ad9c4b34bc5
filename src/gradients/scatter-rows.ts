import { forEachRun, type GradientPart } from "./gradient.ts";
import type { MergedRows } from "./sparse-rows.ts";

// Between merged rows and the dense elements of a parameter. A row may lie in more than one part.

/** Writes the rows into a parameter's elements; all other rows stay as they are. */
export function scatterRows(into: readonly GradientPart[], merged: MergedRows): void {
  forEachRowRun(into, merged, (values, from, to, source) => {
    values.set(merged.values.subarray(source, source + to - from), from);
  });
}

/** Adds the rows to a parameter's elements, each sum rounded once to float32. */
export function addRows(into: readonly GradientPart[], merged: MergedRows): void {
  forEachRowRun(into, merged, (values, from, to, source) => {
    for (let i = from; i < to; i++) values[i] += merged.values[source + i - from];
  });
}

/** Visits each row's runs; `values[from]` belongs to `merged.values[source]`. */
function forEachRowRun(
  into: readonly GradientPart[],
  { rows, values }: MergedRows,
  visit: (values: Float32Array, from: number, to: number, source: number) => void,
): void {
  const rowLength = values.length / rows.length;
  for (let place = 0; place < rows.length; place++) {
    const start = rows[place] * rowLength;
    forEachRun(into, start, start + rowLength, (run, from, to, offset) => {
      visit(run, from, to, place * rowLength + offset);
    });
  }
}
