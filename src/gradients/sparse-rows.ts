import { allocate, show, wrongKind, wrongValue } from "../errors.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { isFloat32Array, knownKeys, lengthOf, refuseDetached, tagOf } from "../validate.ts";
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

/** The same with each row once, in ascending order. Its values lie where the caller has them. */
export interface OrderedRows {
  readonly rows: Uint32Array;
  /** Elements of a row. */
  readonly rowLength: number;
  /** float32[rowLength] for each row or, with `sources`, for each that was given. */
  readonly values: Float32Array;
  /** Where rows were not ascending, or not each once. */
  readonly sources: RowSources | null;
}

/** Which of the given rows are summed to rows[i]: order[begins[i]] up to order[begins[i + 1] - 1]. */
export interface RowSources {
  readonly order: Uint32Array;
  /** uint32[rows + 1] */
  readonly begins: Uint32Array;
}

/** Rows with their own values, one row after the other. */
export interface MergedRows extends OrderedRows {
  readonly sources: null;
}

const OF_ROWS = "the rows of a gradient";
const indices = (length: number) => allocate(4 * length, OF_ROWS, () => new Uint32Array(length));

/** float32[length] for the values of rows. @throws OutOfMemoryError */
export const rowValues = (length: number) =>
  allocate(4 * length, OF_ROWS, () => new Float32Array(length));

interface RowParameter {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Whether a gradient is meant as row-sparse: an object, no array, with `rows`. */
export function isSparseRows(gradient: unknown): gradient is SparseRows {
  return typeof gradient === "object" && gradient !== null && "rows" in gradient;
}

/**
 * Checks a row-sparse gradient and orders its rows, without a copy of its values.
 *
 * @param dtype of values that are no float32; they are widened, exactly
 * @throws TypeError  rows or values of the wrong kind, an unknown key
 * @throws RangeError a parameter without dimensions, a row that it doesn't have, a wrong length
 */
export function orderRows(
  gradient: unknown,
  parameter: RowParameter,
  dtype: Dtype = "float32",
): OrderedRows {
  const where = `parameter ${show(parameter.name)}`;
  const { shape } = parameter;
  if (!isSparseRows(gradient)) {
    throw wrongKind("gradient", where, "an object { rows, values }", gradient);
  }
  if (shape.length === 0) {
    throw wrongValue("gradient", where, "an array for shape []", gradient, "A scalar has no rows");
  }
  knownKeys(gradient, ["rows", "values"], `the gradient of ${where}`);
  const { rows: givenRows, values: given } = gradient;
  const rows = readRows(givenRows, shape, where);
  const values = readValues(given, dtype, where);
  const rowLength = rowLengthOf(shape);
  const length = rows.length * rowLength;
  const expected = `${length} elements, ${rows.length} rows of ${rowLength}`;
  refuseDetached(values, expected, "values", where);
  if (lengthOf(values) !== length) throw wrongValue("values", where, expected, lengthOf(values));
  return ordered(rows, values, rowLength);
}

function readValues(values: unknown, dtype: Dtype, where: string): Float32Array {
  if (isFloat32Array(values)) return values;
  if (dtype === "float32") throw wrongKind("values", where, "a Float32Array", values);
  const bits = bitsOf(values, dtype);
  if (bits) return widenHalves(bits, dtype === "bfloat16");
  throw wrongKind("values", where, `a Float32Array, ${halfKinds(dtype)}`, values);
}

/** A copy of the rows, checked: the caller's may be another thread's, or have getters. */
function readRows(given: unknown, shape: readonly number[], where: string): ArrayLike<number> {
  const rows = copyOf(given, where);
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
  return rows;
}

/** Of an array, or of a typed array of this realm or another. */
function copyOf(rows: unknown, where: string): ArrayLike<number> {
  if (Array.isArray(rows)) return Array.from<number>(rows);
  const expected = "an Int32Array, a Uint32Array or an array of numbers";
  const kind = ArrayBuffer.isView(rows) ? tagOf(rows) : null;
  if (kind !== "Int32Array" && kind !== "Uint32Array") {
    throw wrongKind("rows", where, expected, rows);
  }
  refuseDetached(rows as Int32Array, expected, "rows", where);
  return kind === "Int32Array"
    ? new Int32Array(rows as Int32Array)
    : new Uint32Array(rows as Uint32Array);
}

function ordered(rows: ArrayLike<number>, values: Float32Array, rowLength: number): OrderedRows {
  let ascends = true;
  for (let i = 1; ascends && i < rows.length; i++) ascends = rows[i - 1] < rows[i];
  if (ascends) {
    const own = allocate(4 * rows.length, OF_ROWS, () => Uint32Array.from(rows));
    return { rows: own, rowLength, values, sources: null };
  }
  const order = indices(rows.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  // Stable, so that equal rows keep the caller's order.
  order.sort((a, b) => rows[a] - rows[b]);
  const unique = indices(rows.length);
  const begins = indices(rows.length + 1);
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    const row = rows[order[i]];
    if (count > 0 && unique[count - 1] === row) continue;
    begins[count] = i;
    unique[count++] = row;
  }
  begins[count] = order.length;
  return { rows: unique.subarray(0, count), rowLength, values, sources: { order, begins } };
}

/** Sums two micro-batches, `a` before `b`, each sum rounded once to float32. */
export function addMergedRows(a: MergedRows, b: MergedRows): MergedRows {
  const rows = indices(a.rows.length + b.rows.length);
  rows.set(a.rows);
  rows.set(b.rows, a.rows.length);
  const values = rowValues(a.values.length + b.values.length);
  values.set(a.values);
  values.set(b.values, a.values.length);
  return mergeRows(ordered(rows, values, a.rowLength));
}

/**
 * Sums duplicate rows in float32, in the caller's order: a row's first values are copied, the
 * others added, each sum rounded once.
 */
export function mergeRows(ordered: OrderedRows): MergedRows {
  const { rows, rowLength, values } = ordered;
  const sums = rowValues(rows.length * rowLength);
  forEachSource(ordered, (place, source, again) => {
    const to = place * rowLength;
    const from = source * rowLength;
    if (again) for (let j = 0; j < rowLength; j++) sums[to + j] += values[from + j];
    else sums.set(values.subarray(from, from + rowLength), to);
  });
  return { rows, rowLength, values: sums, sources: null };
}

/** Sees that values[source] belongs to rows[place], `again` where it is not the row's first. */
type SourceVisitor = (place: number, source: number, again: boolean) => void;

/** Visits the rows in ascending order, the sources of each in the caller's order. */
export function forEachSource({ rows, sources }: OrderedRows, visit: SourceVisitor): void {
  for (let place = 0; place < rows.length; place++) {
    if (!sources) {
      visit(place, place, false);
      continue;
    }
    const begin = sources.begins[place];
    const end = sources.begins[place + 1];
    for (let k = begin; k < end; k++) visit(place, sources.order[k], k > begin);
  }
}
