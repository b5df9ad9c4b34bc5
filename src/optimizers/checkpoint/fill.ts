import type { Part } from "../../core/slab.ts";
import { allocate, mismatch, show } from "../../errors.ts";
import type { Sum } from "../../gradients/accumulate.ts";
import { rowLengthOf } from "../../gradients/gradient.ts";
import { rowValues } from "../../gradients/sparse-rows.ts";
import type { Dtype } from "../../parameters/parameter.ts";
import { CheckpointError } from "../../state/checkpoint-error.ts";
import type { OpenCheckpoint } from "../../state/checkpoint-file/read-checkpoint.ts";
import type { Progress } from "../../state/progress.ts";
import type { TensorEntry } from "../../state/safetensors/tensor.ts";
import type { Entry } from "../entry.ts";
import { narrowModel } from "../open-slabs.ts";
import type { Fit } from "./fit-parameters.ts";
import type { Internals } from "./internals.ts";
import type { OptionData } from "./option-data.ts";
import type { SavedState, SavedSum } from "./saved-state.ts";
import { FLOAT_TENSORS, groupsWithMax } from "./tensors-of.ts";

/** A view that takes bytes of a tensor: from which on, which for one of a file's runs may be before it. */
interface Piece {
  readonly begin: number;
  readonly view: ArrayBufferView;
}

/** Where the bytes of a tensor go: fresh views. */
type Place = () => readonly Piece[];

/** Files of whole parameters. */
const WHOLE = 0;

/**
 * Reads the tensors of a checkpoint into an optimizer that is fresh.
 *
 * @throws CheckpointError for damage
 */
export async function fill(
  internals: Internals,
  checkpoint: OpenCheckpoint,
  saved: SavedState,
  fit: Fit,
  onProgress: ((progress: Progress) => void) | undefined,
): Promise<void> {
  const places = new Map<string, Place>();
  const sums = new Map<string, Sum>();
  const withMax = groupsWithMax(saved);
  for (const { entry, saved: of } of fit.pairs) {
    const hasMax = entry.paramGroup.amsgrad && withMax.has(of.group);
    placePlanes(internals, entry, hasMax, saved.model, WHOLE, places);
    const sum = saved.accumulation?.parameters.find(({ name }) => name === entry.name);
    if (sum) sums.set(entry.name, placeSum(internals, entry, sum, checkpoint.tensors, places));
  }
  await readInto(places, checkpoint, onProgress);
  requireRows(sums, fit);
  finish(internals, saved, fit, sums);
}

/**
 * Reads what an optimizer has of the parameters from a file with a run of each: some of its elements,
 * one after the other. `finish` follows the last of such files.
 *
 * @param firsts by parameter: the element that the file's run begins with; none where it has no run
 * @throws CheckpointError for damage
 */
export async function fillRuns(
  internals: Internals,
  checkpoint: OpenCheckpoint,
  saved: SavedState,
  fit: Fit,
  firsts: ReadonlyMap<string, number>,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const places = new Map<string, Place>();
  const withMax = groupsWithMax(saved);
  for (const { entry, saved: of } of fit.pairs) {
    const first = firsts.get(entry.name);
    const hasMax = entry.paramGroup.amsgrad && withMax.has(of.group);
    if (first !== undefined) placePlanes(internals, entry, hasMax, saved.model, first, places);
  }
  await readInto(places, checkpoint, onProgress);
}

async function readInto(
  places: ReadonlyMap<string, Place>,
  checkpoint: OpenCheckpoint,
  onProgress: ((progress: Progress) => void) | undefined,
): Promise<void> {
  await checkpoint.readTensors(({ name }) => {
    const place = places.get(name);
    return place ? writer(place) : null;
  }, onProgress);
}

function placePlanes(
  { slabs, rule }: Internals,
  { name, index }: Entry,
  hasMax: boolean,
  savedModel: Dtype,
  first: number,
  places: Map<string, Place>,
): void {
  const { model } = rule.settings;
  const parts = slabs.partsOf(index);
  const pieces = (viewOf: (part: Part) => Float32Array | Uint16Array) => () =>
    parts.map((part): Piece => {
      const view = viewOf(part);
      return { begin: (part.segment.first - first) * view.BYTES_PER_ELEMENT, view };
    });
  for (const [prefix, plane] of FLOAT_TENSORS) {
    if (plane === "maxExpAvgSq" && !hasMax) continue;
    places.set(
      `${prefix}.${name}`,
      pieces((part) => slabs.floats(part, plane)),
    );
  }
  if (model === "float32" || model !== savedModel) return;
  places.set(
    `model.${name}`,
    pieces((part) => slabs.model(part)),
  );
}

function placeSum(
  { slabs }: Internals,
  { name, shape, index }: Entry,
  { count, sparse }: SavedSum,
  tensors: readonly TensorEntry[],
  places: Map<string, Place>,
): Sum {
  if (!sparse) {
    const pieces = () =>
      slabs.runsOf(index, "grad").map(({ first, values }) => ({ begin: 4 * first, view: values }));
    places.set(`accumulated.${name}`, pieces);
    return { count, rows: null };
  }
  // It is there, with one dimension: check-tensors.ts.
  const tensor = tensors.find((each) => each.name === `accumulated_rows.${name}`) as TensorEntry;
  const [length] = tensor.shape;
  const rowLength = rowLengthOf(shape);
  const rows = allocate(4 * length, "summed rows", () => new Uint32Array(length));
  const values = rowValues(length * rowLength);
  places.set(`accumulated_rows.${name}`, () => [{ begin: 0, view: rows }]);
  places.set(`accumulated_values.${name}`, () => [{ begin: 0, view: values }]);
  return { count, rows: { rows, rowLength, values, sources: null } };
}

/** @throws CheckpointError BAD_STATE for rows that no sum of rows has */
function requireRows(sums: ReadonlyMap<string, Sum>, { pairs }: Fit): void {
  for (const { entry } of pairs) {
    const rows = sums.get(entry.name)?.rows?.rows ?? [];
    for (let i = 0; i < rows.length; i++) {
      if (rows[i] < entry.shape[0] && (i === 0 || rows[i - 1] < rows[i])) continue;
      const expected = `rows below ${entry.shape[0]} in ascending order`;
      const where = `tensor ${show(`accumulated_rows.${entry.name}`)} of the checkpoint`;
      throw new CheckpointError("BAD_STATE", mismatch(`[${i}]`, where, expected, String(rows[i])));
    }
  }
}

/** Takes the bytes of a tensor in chunks, which may end anywhere. */
function writer(pieces: Place): (bytes: Uint8Array, offset: number) => void {
  return (bytes, offset) => {
    for (const { begin, view } of pieces()) {
      const { buffer, byteOffset, byteLength } = view;
      const from = Math.max(offset, begin);
      const to = Math.min(offset + bytes.length, begin + byteLength);
      if (from < to) {
        const target = new Uint8Array(buffer, byteOffset + from - begin, to - from);
        target.set(bytes.subarray(from - offset, to - offset));
      }
    }
  };
}

/** After the last byte: the model copies that the file does not have, and the counters. */
export function finish(
  { slabs, rule, stepper, entries }: Internals,
  saved: SavedState,
  { pairs }: Fit,
  sums: ReadonlyMap<string, Sum>,
): void {
  const { model, master } = rule.settings;
  const mastersGo = !master && hadMasters(saved);
  for (const { entry, saved: of } of pairs) {
    entry.t = of.step;
    if (model === "float32") continue;
    if (model !== saved.model) narrowModel(slabs, entry, model, master);
    // Without masters the weights are what the copy says, from the start.
    else if (mastersGo) for (const part of slabs.partsOf(entry.index)) slabs.widenModel(part);
  }
  if (rule.counting === "global") for (const entry of entries) entry.t = saved.steps;
  stepper.restore(saved.steps, saved.accumulation?.average ?? false);
  stepper.sums.restore(saved.accumulation?.microBatches ?? 0, sums);
}

/** Whether there were float32 weights beside a 16-bit copy: classes say it in words of their own. */
function hadMasters({ class: className, options }: SavedState): boolean {
  if (className === "AdamWDL") return options.multiPrecision === true;
  if (className === "MindFormersAdamW" && options.arithmetic === "executed") return false;
  const { master = true } = (options.precision ?? {}) as { master?: OptionData };
  return master === true;
}
