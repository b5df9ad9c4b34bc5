import { forEachRun, type GradientPart } from "./gradient.ts";
import { forEachSource, type MergedRows, type OrderedRows } from "./sparse-rows.ts";

// Between rows and the dense elements of a parameter. A row may lie in more than one part.

/**
 * Writes rows into a parameter's elements; all other rows stay as they are. Duplicates are summed
 * as mergeRows does.
 *
 * @param ordered its values may not lie in `into`
 */
export function scatterRows(into: readonly GradientPart[], ordered: OrderedRows): void {
  const { rows, rowLength, values } = ordered;
  forEachSource(ordered, (place, source, again) => {
    writeRow(into, rows[place] * rowLength, rowLength, values, source * rowLength, again);
  });
}

/** Adds rows to a parameter's elements, each sum rounded once to float32. */
export function addRows(into: readonly GradientPart[], merged: MergedRows): void {
  const { rows, rowLength, values } = merged;
  for (let place = 0; place < rows.length; place++) {
    writeRow(into, rows[place] * rowLength, rowLength, values, place * rowLength, true);
  }
}

function writeRow(
  into: readonly GradientPart[],
  start: number,
  rowLength: number,
  source: Float32Array,
  first: number,
  add: boolean,
): void {
  forEachRun(into, start, start + rowLength, (values, from, to, offset) => {
    const at = first + offset;
    if (add) for (let i = from; i < to; i++) values[i] += source[at + i - from];
    else values.set(source.subarray(at, at + to - from), from);
  });
}

/**
 * The rows of a parameter's elements as they lie there, one after the other.
 *
 * @param values float32[rows.length * rowLength]: what they are written to
 */
export function gatherRows(
  from: readonly GradientPart[],
  rows: Uint32Array,
  rowLength: number,
  values: Float32Array,
): MergedRows {
  for (let place = 0; place < rows.length; place++) {
    const start = rows[place] * rowLength;
    forEachRun(from, start, start + rowLength, (run, begin, end, offset) => {
      values.set(run.subarray(begin, end), place * rowLength + offset);
    });
  }
  return { rows, rowLength, values, sources: null };
}
