import type { Slabs } from "../core/slabs.ts";
import { centralize } from "../gradients/centralize.ts";
import type { ClipAdaptive } from "../gradients/clip.ts";
import { clipAdaptively } from "../gradients/clip-adaptively.ts";
import { clipValues } from "../gradients/clip-values.ts";
import { type GradientPart, type ParameterGradient, rowLengthOf } from "../gradients/gradient.ts";
import { gatherRows, scatterRows } from "../gradients/scatter-rows.ts";
import { rowValues } from "../gradients/sparse-rows.ts";
import { unscale } from "../gradients/unscale.ts";
import type { Active } from "./active.ts";

// Passes of their own over stored gradients, each element rounded once: where a single multiply in
// the update cannot do it (by value, adaptive, centralized).

/** Whether a parameter's gradient needs a pass of its own. */
export function needsPass({ entry: { clip, paramGroup } }: Active): boolean {
  return paramGroup.centralize || clip?.kind === "value" || clip?.kind === "adaptive";
}

/** What passes over rows are done in: one row after the other, as far as it is needed. */
export interface RowScratch {
  readonly gradient: Float32Array;
  /** The rows of the weights, or a whole vector. */
  readonly other: Float32Array;
}

/**
 * Asked for before the first pass overwrites a gradient, after which no memory may be refused: the
 * step is tried again with the same ones.
 *
 * @throws OutOfMemoryError
 */
export function rowScratch(actives: readonly Active[]): RowScratch {
  let [gradient, other] = [0, 0];
  for (const { rows, entry } of actives) {
    if (rows === null) continue;
    const { shape, length, clip } = entry;
    const values = rows.length * rowLengthOf(shape);
    gradient = Math.max(gradient, values);
    if (clip?.kind === "adaptive") other = Math.max(other, shape.length >= 2 ? values : length);
  }
  return { gradient: rowValues(gradient), other: rowValues(other) };
}

/**
 * Divides sums of micro-batches by their number, which makes each the gradient of their mean loss:
 * g = fround(sum / microBatches). Returns whether any gradient changed.
 */
export function averageGradients(
  slabs: Slabs,
  actives: readonly Active[],
  scratch: RowScratch,
): boolean {
  let any = false;
  for (const active of actives) {
    const { microBatches } = active;
    if (microBatches === 1) continue;
    any = true;
    onGradient(slabs, active, scratch, ({ parts }) => {
      for (const { values } of parts) {
        for (let i = 0; i < values.length; i++) values[i] /= microBatches;
      }
    });
  }
  return any;
}

/** Divides every stored gradient by the loss scale. */
export function unscaleGradients(
  slabs: Slabs,
  actives: readonly Active[],
  lossScale: number,
  scratch: RowScratch,
): void {
  for (const active of actives) {
    onGradient(slabs, active, scratch, (gradient) => unscale(gradient, 1 / lossScale));
  }
}

/** Centralizes where the group asks for it. Returns whether any gradient changed. */
export function centralizeGradients(
  slabs: Slabs,
  actives: readonly Active[],
  scratch: RowScratch,
): boolean {
  let any = false;
  for (const active of actives) {
    if (!active.entry.paramGroup.centralize) continue;
    onGradient(slabs, active, scratch, (gradient) => {
      any = centralize(gradient) || any;
    });
  }
  return any;
}

/** Clips by value and adaptively where the parameter's clip is of these kinds. */
export function clipStored(slabs: Slabs, actives: readonly Active[], scratch: RowScratch): void {
  for (const active of actives) {
    const { clip } = active.entry;
    if (clip?.kind === "value") {
      onGradient(slabs, active, scratch, (gradient) => clipValues(gradient, clip));
    } else if (clip?.kind === "adaptive") {
      clipAdaptive(slabs, active, clip, scratch);
    }
  }
}

function clipAdaptive(slabs: Slabs, active: Active, clip: ClipAdaptive, scratch: RowScratch): void {
  const { index, shape } = active.entry;
  const weights = slabs.runsOf(index, "param");
  if (active.rows === null) {
    onGradient(slabs, active, scratch, (gradient) => clipAdaptively(gradient, weights, clip));
  } else if (shape.length >= 2) {
    const { values } = gatherInto(scratch.other, weights, active.rows, shape);
    const own = [{ first: 0, values }];
    onGradient(slabs, active, scratch, (gradient) => clipAdaptively(gradient, own, clip));
  } else {
    clipVectorRows(slabs, active, active.rows, weights, clip, scratch);
  }
}

function gatherInto(
  into: Float32Array,
  from: readonly GradientPart[],
  rows: Uint32Array,
  shape: readonly number[],
) {
  const rowLength = rowLengthOf(shape);
  return gatherRows(from, rows, rowLength, into.subarray(0, rows.length * rowLength));
}

/** A vector is one unit: its rows are clipped by the norms of the whole. */
function clipVectorRows(
  slabs: Slabs,
  active: Active,
  rows: Uint32Array,
  weights: readonly GradientPart[],
  clip: ClipAdaptive,
  scratch: RowScratch,
): void {
  const { name, shape, length } = active.entry;
  onGradient(slabs, active, scratch, ({ parts: [{ values }] }) => {
    const dense = scratch.other.subarray(0, length).fill(0);
    rows.forEach((row, place) => {
      dense[row] = values[place];
    });
    clipAdaptively({ name, shape, length, parts: [{ first: 0, values: dense }] }, weights, clip);
    rows.forEach((row, place) => {
      values[place] = dense[row];
    });
  });
}

/** Runs a pass over a stored gradient; of a lazy row-sparse one, over its rows alone. */
function onGradient(
  slabs: Slabs,
  { entry, rows }: Active,
  scratch: RowScratch,
  pass: (gradient: ParameterGradient) => void,
): void {
  const { name, shape, length } = entry;
  const parts = slabs.runsOf(entry.index, "grad");
  if (rows === null) {
    pass({ name, shape, length, parts });
    return;
  }
  const own = gatherInto(scratch.gradient, parts, rows, shape);
  const { values } = own;
  const ownShape = [rows.length, ...shape.slice(1)];
  pass({ name, shape: ownShape, length: values.length, parts: [{ first: 0, values }] });
  scatterRows(parts, own);
}
