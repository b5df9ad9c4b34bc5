import { lengthOf, rowLengthOf } from "./training-case.ts";

// Rows that come more than once, and micro-batches, in plain loops.

/** A dense gradient, and its rows where only they were given. */
export interface Read {
  readonly values: Float32Array;
  readonly rows: ReadonlySet<number> | null;
}

/** Rows over zeros: a row's first values are copied, the others added in the caller's order. */
export function merged(
  list: readonly number[],
  given: Float32Array,
  shape: readonly number[],
): Read {
  const rowLength = rowLengthOf(shape);
  const values = new Float32Array(lengthOf(shape));
  const rows = new Set<number>();
  list.forEach((row, i) => {
    for (let j = 0; j < rowLength; j++) {
      const [at, x] = [row * rowLength + j, given[i * rowLength + j]];
      values[at] = rows.has(row) ? Math.fround(values[at] + x) : x;
    }
    rows.add(row);
  });
  return { values, rows };
}

/** Two micro-batches; a row that one of them has not is no sum. */
export function added(shape: readonly number[], a: Read, b: Read): Read {
  const rowLength = rowLengthOf(shape);
  const values = a.values.map((x, i) => {
    const row = Math.floor(i / rowLength);
    if (b.rows && !b.rows.has(row)) return x;
    const only = b.rows && a.rows && !a.rows.has(row);
    return only ? b.values[i] : Math.fround(x + b.values[i]);
  });
  return { values, rows: a.rows && b.rows ? new Set([...a.rows, ...b.rows]) : null };
}
