import { AshlarError, mismatch, show } from "../../errors.ts";
import { readSavedState } from "../../optimizers/checkpoint/read-saved-state.ts";
import type { SavedState } from "../../optimizers/checkpoint/saved-state.ts";
import type { Optimizer } from "../../optimizers/optimizer.ts";
import { openCheckpoint } from "../../state/checkpoint-file/read-checkpoint.ts";
import {
  type CheckpointTensor,
  writeCheckpoint,
} from "../../state/checkpoint-file/write-checkpoint.ts";
import { bytesReader } from "../../state/sources/bytes-reader.ts";
import { BytesSink } from "../../state/targets/memory.ts";

// The state of an optimizer as TensorFlow.js keeps it: a list of named tensors. The moments are
// tensors of their own; all else that a checkpoint says (steps, rates in force, schedules) is one more.

/** A named array of an optimizer's state. */
export interface StateArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** The tensor that holds all but moments and masters: the UTF-8 bytes of JSON. */
export const STATE = "ashlar/state";

/** What becomes of the tensors of a checkpoint; weights that are float32 are the variables'. */
const ENDINGS: readonly (readonly [prefix: string, ending: string])[] = [
  ["exp_avg", "m"],
  ["exp_avg_sq", "v"],
  ["max_exp_avg_sq", "vmax"],
  ["param", "master"],
  ["model", "model"],
];

const is16 = (state: SavedState) => state.model !== "float32";

/** All tensors of a state, in the order of its parameters. */
function tensorsOf(state: SavedState) {
  const withMax = new Set(state.groups.filter(({ amsgrad }) => amsgrad).map(({ name }) => name));
  return state.parameters.flatMap(({ name, group, shape }) =>
    ENDINGS.filter(([prefix]) => {
      if (prefix === "max_exp_avg_sq") return withMax.has(group);
      return prefix !== "model" || is16(state);
    }).map(([prefix, ending]) => ({
      key: `${prefix}.${name}`,
      prefix,
      name: `${name}/${ending}`,
      shape,
      length: shape.reduce((product, size) => product * size, 1),
      kept: prefix !== "param" || is16(state),
    })),
  );
}

/** @throws AshlarError BUSY where micro-batches are summed that no step has taken yet */
export async function stateArrays(optimizer: Optimizer): Promise<StateArray[]> {
  const checkpoint = await openCheckpoint(bytesReader(await optimizer.toBytes()));
  const state = JSON.parse(checkpoint.state) as SavedState;
  if (state.accumulation) {
    throw new AshlarError("BUSY", "getWeights: expected no summed gradients, got some. Step first");
  }
  const arrays = new Map<string, StateArray>();
  const kept = tensorsOf(state).filter((tensor) => tensor.kept);
  const places = new Map<string, Uint8Array>();
  for (const { key, prefix, name, shape, length } of kept) {
    const bits = new Uint16Array(prefix === "model" ? length : 0);
    const values = new Float32Array(prefix === "model" ? 0 : length);
    const { buffer } = prefix === "model" ? bits : values;
    places.set(key, new Uint8Array(buffer));
    arrays.set(key, { name, shape, values: prefix === "model" ? (bits as never) : values });
  }
  await checkpoint.readTensors(({ name }) => {
    const place = places.get(name);
    return place ? (bytes, offset) => place.set(bytes, offset) : null;
  });
  const text = Int32Array.from(new TextEncoder().encode(checkpoint.state));
  return [
    ...[...arrays.values()].map((array) =>
      array.values instanceof Float32Array
        ? array
        : { ...array, values: Int32Array.from(array.values) },
    ),
    { name: STATE, shape: [text.length], values: text },
  ];
}

/**
 * The bytes of the checkpoint that the arrays came from, with zeros for float32 weights, and what its
 * state says.
 *
 * @throws RangeError for an array that is missing or of another shape; CheckpointError for a state
 *   that no optimizer wrote
 */
export async function checkpointOf(
  arrays: readonly StateArray[],
): Promise<{ state: SavedState; bytes: Uint8Array }> {
  const byName = new Map(arrays.map((array) => [array.name, array]));
  const text = byName.get(STATE);
  if (!text) throw missing(STATE);
  const json = new TextDecoder().decode(Uint8Array.from(text.values));
  const state = readSavedState(json);
  const tensors = tensorsOf(state).map(({ key, prefix, name, shape, length, kept }) => {
    const array = byName.get(name);
    if (kept && !array) throw missing(name);
    if (array && kept && array.values.length !== length) {
      const where = `the weights of the optimizer`;
      throw new RangeError(mismatch(name, where, `${length} elements`, `${array.values.length}`));
    }
    const values = kept && array ? array.values : new Float32Array(length);
    const half = state.model === "float16" ? "F16" : "BF16";
    const bytes = prefix === "model" ? Uint16Array.from(values) : Float32Array.from(values);
    const dtype = prefix === "model" ? half : "F32";
    return { name: key, dtype, shape, parts: () => [bytes] } satisfies CheckpointTensor;
  });
  const sink = new BytesSink();
  await writeCheckpoint(sink, { state: json, tensors });
  await sink.close();
  return { state, bytes: sink.bytes };
}

function missing(name: string): RangeError {
  const remedy = "Weights of another optimizer do not fit";
  return new RangeError(
    mismatch("weights", "setWeights", `a tensor ${show(name)} among them`, "none", remedy),
  );
}
