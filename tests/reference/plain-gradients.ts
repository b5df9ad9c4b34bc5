import type { Clip } from "../../src/index.ts";

// docs/semantics.md, "The gradient's way", in plain loops over dense float32 arrays. `scope` lists the
// elements that a gradient has: all of them, or those of a lazy gradient's rows.

const f = Math.fround;
const BLOCK = 4096;
const square = (x: number) => x * x;

/** The sum of a range: element i adds to accumulator i mod 8. */
function orderedSum(terms: readonly number[]): number {
  const a = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < terms.length; i++) a[i % 8] += terms[i];
  return a[0] + a[4] + (a[2] + a[6]) + (a[1] + a[5] + (a[3] + a[7]));
}

/** The sum of squares of a whole tensor, block after block, added to a running total. */
export function addSquares(values: Float32Array, total: number): number {
  let sum = total;
  for (let start = 0; start < values.length; start += BLOCK) {
    sum += orderedSum(Array.from(values.subarray(start, start + BLOCK), square));
  }
  return sum;
}

/** The index of the first element that is not finite or beyond 2^63 times the loss scale; or -1. */
export function firstBad(
  values: Float32Array,
  scope: readonly number[],
  lossScale: number,
): number {
  return scope.find((i) => !(Math.abs(values[i]) <= 2 ** 63 * lossScale)) ?? -1;
}

export function scaleBy(values: Float32Array, scope: readonly number[], factor: number): void {
  for (const i of scope) values[i] = f(values[i] * factor);
}

/** The elements of one row of a matrix or more. */
const rowElements = (row: number, rowLength: number) =>
  Array.from({ length: rowLength }, (_, i) => row * rowLength + i);

export function centralizeRows(
  values: Float32Array,
  rows: readonly number[],
  rowLength: number,
): void {
  for (const row of rows) {
    const elements = rowElements(row, rowLength);
    const mean = orderedSum(elements.map((i) => values[i])) / rowLength;
    for (const i of elements) values[i] = f(values[i] - mean);
  }
}

export function clipByValues(
  values: Float32Array,
  scope: readonly number[],
  { min, max }: Extract<Clip, { kind: "value" }>,
): void {
  for (const i of scope) values[i] = f(Math.min(Math.max(values[i], min), max));
}

/** AGC of units that are given by their elements: rows of a matrix, or a whole vector. */
export function clipUnits(
  values: Float32Array,
  weights: Float32Array,
  units: readonly (readonly number[])[],
  { factor, floor, convention }: Extract<Clip, { kind: "adaptive" }>,
): void {
  const normOf = (of: Float32Array, unit: readonly number[]) =>
    Math.sqrt(orderedSum(unit.map((i) => square(of[i]))));
  for (const unit of units) {
    const norm = normOf(values, unit);
    const most = factor * Math.max(normOf(weights, unit), floor);
    const composer = norm === 0 && most === 0 ? 1 : Math.min(1, most / norm);
    const timm = norm < most ? 1 : most / Math.max(norm, 1e-6);
    scaleBy(values, unit, convention === "timm" ? timm : composer);
  }
}

/** The units of clipUnits for a gradient with these rows. */
export function unitsOf(shape: readonly number[], rows: readonly number[], length: number) {
  if (shape.length < 2) return [rowElements(0, length)];
  return rows.map((row) => rowElements(row, length / shape[0]));
}

/** What a norm's clip multiplies gradients of this norm by. */
export function coefficientOf(norm: number, clip: Clip): number {
  if (clip.kind === "norm") return norm <= clip.max ? 1 : clip.max / norm;
  if (clip.kind !== "globalNorm") return 1;
  const { max, formula } = clip;
  if (formula === "paddle") return max / Math.max(norm, max);
  if (formula === "mindformers") return max / (Math.max(norm, max) + 1e-6);
  return Math.min(1, max / (norm + 1e-6));
}
