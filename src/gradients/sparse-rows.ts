import { show, wrongKind, wrongValue } from "../errors.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { isFloat32Array, knownKeys } from "../validate.ts";
import { rowLengthOf } from "./gradient.ts";
import { bitsOf, type HalfGradient, halfKinds } from "./half-input.ts";
import { widenHalves } from "./widen-halves.ts";

/** A gradient that is zero outside of some rows (indices of dimension 0), as embeddings have it. */
export interface SparseRows {
  /** In any order; a row may occur more than once, its values are summed. May be empty. */
  readonly rows: Int32Array | Uint32Array | readonly number[];
  /**
   * float32[rows.length * row length]: the rows' values, one after the other. In 16 bits too where
   * `precision.gradients` says so.
   */
  readonly values: Float32Array | HalfGradient;
}

/** The same with each row once, in ascending order. */
export interface MergedRows {
  readonly rows: Uint32Array;
  /** float32[rows.length * row length] */
  readonly values: Float32Array;
}

interface RowParameter {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Whether a gradient is meant as row-sparse: an object, no array, with `rows`. */
export function isSparseRows(gradient: unknown): gradient is SparseRows {
  return typeof gradient === "object" && gradient !== null && "rows" in gradient;
}

/**
 * Checks a row-sparse gradient and sums its duplicate rows in float32, in the caller's order.
 *
 * @param dtype of values that are no float32; they are widened, exactly
 * @throws TypeError  rows or values of the wrong kind, an unknown key
 * @throws RangeError a parameter without dimensions, a row that it doesn't have, a wrong length
 */
export function mergeRows(
  gradient: unknown,
  parameter: RowParameter,
  dtype: Dtype = "float32",
): MergedRows {
  const where = `parameter ${show(parameter.name)}`;
  const { shape } = parameter;
  if (!isSparseRows(gradient)) {
    throw wrongKind("gradient", where, "an object { rows, values }", gradient);
  }
  if (shape.length === 0) {
    throw wrongValue("gradient", where, "an array for shape []", gradient, "A scalar has no rows");
  }
  knownKeys(gradient, ["rows", "values"], `the gradient of ${where}`);
  const { rows, values: given } = gradient;
  checkRows(rows, shape, where);
  const values = readValues(given, dtype, where);
  const rowLength = rowLengthOf(shape);
  const length = rows.length * rowLength;
  if (values.length !== length) {
    const expected = `${length} elements, ${rows.length} rows of ${rowLength}`;
    throw wrongValue("values", where, expected, values.length);
  }
  return sumByRow(rows, values, rowLength);
}

function readValues(values: unknown, dtype: Dtype, where: string): Float32Array {
  if (isFloat32Array(values)) return values;
  if (dtype === "float32") throw wrongKind("values", where, "a Float32Array", values);
  const bits = bitsOf(values, dtype);
  if (bits) return widenHalves(bits, dtype === "bfloat16");
  throw wrongKind("values", where, `a Float32Array, ${halfKinds(dtype)}`, values);
}

function checkRows(rows: SparseRows["rows"], shape: readonly number[], where: string): void {
  if (!isIndices(rows)) {
    const expected = "an Int32Array, a Uint32Array or an array of numbers";
    throw wrongKind("rows", where, expected, rows);
  }
  const count = shape[0];
  if (count === 0 && rows.length > 0) {
    throw wrongValue("rows", where, `none for shape ${show(shape)}`, rows.length);
  }
  for (let i = 0; i < rows.length; i++) {
    const row: unknown = rows[i];
    if (Number.isInteger(row) && (row as number) >= 0 && (row as number) < count) continue;
    const expected = `a whole number from 0 to ${count - 1}`;
    if (typeof row !== "number") throw wrongKind(`rows[${i}]`, where, expected, row);
    throw wrongValue(`rows[${i}]`, where, expected, row);
  }
}

/** An array, or a typed array of this realm or another. */
function isIndices(rows: unknown): boolean {
  if (Array.isArray(rows)) return true;
  if (!ArrayBuffer.isView(rows)) return false;
  const tag: unknown = (rows as Partial<Int32Array>)[Symbol.toStringTag];
  return tag === "Int32Array" || tag === "Uint32Array";
}

/** Sums two micro-batches, `a` before `b`, each sum rounded once to float32. */
export function addMergedRows(a: MergedRows, b: MergedRows, rowLength: number): MergedRows {
  const rows = new Uint32Array(a.rows.length + b.rows.length);
  rows.set(a.rows);
  rows.set(b.rows, a.rows.length);
  const values = new Float32Array(a.values.length + b.values.length);
  values.set(a.values);
  values.set(b.values, a.values.length);
  return sumByRow(rows, values, rowLength);
}

/** A row's first values are copied, the others added, each sum rounded once to float32. */
function sumByRow(rows: SparseRows["rows"], values: Float32Array, rowLength: number): MergedRows {
  const unique = new Uint32Array(new Set(rows)).sort();
  const places = new Map<number, number>();
  for (let place = 0; place < unique.length; place++) places.set(unique[place], place);
  const sums = new Float32Array(unique.length * rowLength);
  const begun = new Uint8Array(unique.length);
  for (let i = 0; i < rows.length; i++) {
    const place = places.get(rows[i]) as number;
    const from = i * rowLength;
    const to = place * rowLength;
    if (begun[place]) {
      for (let j = 0; j < rowLength; j++) sums[to + j] += values[from + j];
    } else {
      sums.set(values.subarray(from, from + rowLength), to);
      begun[place] = 1;
    }
  }
  return { rows: unique, values: sums };
}
