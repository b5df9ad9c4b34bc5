import type { Slabs } from "../core/slabs.ts";
import { show, wrongKind, wrongValue } from "../errors.ts";
import type { GradientPart } from "../gradients/gradient.ts";
import { type HalfGradient, halfBits } from "../gradients/half-input.ts";
import { scatterRows } from "../gradients/scatter-rows.ts";
import {
  isSparseRows,
  mergeRows,
  type OrderedRows,
  orderRows,
  type SparseRows,
} from "../gradients/sparse-rows.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { isFloat32Array, isPlainRecord, requireLength } from "../validate.ts";
import type { Active } from "./active.ts";
import type { Entry } from "./entry.ts";

/** A gradient: float32[length], 16 bits where `precision.gradients` says so, or some rows. */
export type Gradient = Float32Array | HalfGradient | SparseRows;

/** A gradient for each named parameter; null, like absence, leaves the parameter as it is. */
export type NamedGradients = Readonly<Record<string, Gradient | null>>;

/** A gradient after validation. */
export type CheckedGradient =
  | { readonly kind: "dense"; readonly values: Float32Array }
  | { readonly kind: "half"; readonly bits: Uint16Array }
  | { readonly kind: "rows"; readonly rows: OrderedRows };

export interface NamedGradient {
  readonly entry: Entry;
  readonly gradient: CheckedGradient;
}

/**
 * Checks all gradients before any is written; gives them in the order of the parameters.
 *
 * @param dtype of gradients that are no float32
 * @param where how messages call the method that they were given to
 * @throws TypeError for a wrong kind; RangeError for an unknown name, a wrong length or row
 */
export function readGradients(
  gradients: NamedGradients,
  byName: ReadonlyMap<string, Entry>,
  dtype: Dtype,
  where = "step",
): NamedGradient[] {
  if (!isPlainRecord(gradients)) {
    throw wrongKind("gradients", where, "a record of name to Float32Array", gradients);
  }
  const named: NamedGradient[] = [];
  for (const [name, gradient] of Object.entries(gradients)) {
    const entry = byName.get(name);
    if (!entry) throw wrongValue("gradients", where, "names of parameters", name);
    if (gradient !== null) named.push({ entry, gradient: check(gradient, entry, dtype) });
  }
  return named.sort((a, b) => a.entry.index - b.entry.index);
}

function check(gradient: unknown, entry: Entry, dtype: Dtype): CheckedGradient {
  if (isPlainRecord(gradient) && isSparseRows(gradient)) {
    return { kind: "rows", rows: orderRows(gradient, entry, dtype) };
  }
  if (isFloat32Array(gradient)) {
    requireLength(gradient, entry.length, "gradient", `parameter ${show(entry.name)}`);
    return { kind: "dense", values: gradient };
  }
  if (dtype !== "float32") return { kind: "half", bits: halfBits(gradient, dtype, entry) };
  const expected = "a Float32Array, or null to leave it as it is";
  throw wrongKind("gradient", `parameter ${show(entry.name)}`, expected, gradient);
}

/**
 * For a class with one step count for all: none may be left out.
 *
 * @throws RangeError naming the first parameter without a gradient
 */
export function requireEvery(
  entries: readonly Entry[],
  named: readonly { readonly entry: Entry }[],
  className: string,
): void {
  if (named.length === entries.length) return;
  const given = new Set(named.map(({ entry }) => entry));
  // Each is named once at most.
  const missing = entries.find((entry) => !given.has(entry)) as Entry;
  throw new RangeError(
    `"gradient" of parameter ${show(missing.name)}: expected a Float32Array in every step, got ` +
      `none. ${className} counts one step for all of its parameters`,
  );
}

/**
 * Copies a gradient into the plane of its parameter. Rows are spread over zeros, or with `lazy`
 * written where they belong and nothing else looked at.
 *
 * @param active the parameter's part in the step, which begins with this
 * @param scan   whether the step will read all gradients before it writes anything
 */
export function writeGradient(
  slabs: Slabs,
  active: Active,
  gradient: CheckedGradient,
  lazy: boolean,
  scan: boolean,
): void {
  const { index } = active.entry;
  const parts = slabs.partsOf(index);
  if (gradient.kind === "rows") {
    const into = slabs.runsOf(index, "grad");
    const rows = apartFrom(into, gradient.rows);
    if (!lazy) for (const { values } of into) values.fill(0);
    scatterRows(into, rows);
    active.begin(lazy ? rows.rows : null);
    return;
  }
  active.begin();
  const { kind } = gradient;
  for (const part of parts) {
    const { first, length } = part.segment;
    if (kind === "half") {
      slabs.gradient16(part).set(gradient.bits.subarray(first, first + length));
      continue;
    }
    const { values } = gradient;
    const own = length === values.length ? values : values.subarray(first, first + length);
    if (scan) slabs.setAndScanGradient(part, own);
    else slabs.setGradient(part, own);
  }
  active.half = kind === "half";
  active.scanned = kind === "dense" && scan;
}

/** The rows; their values copied where the caller has them in the very memory that they go to. */
function apartFrom(into: readonly GradientPart[], rows: OrderedRows): OrderedRows {
  const { buffer } = rows.values;
  return into.some(({ values }) => values.buffer === buffer) ? mergeRows(rows) : rows;
}
