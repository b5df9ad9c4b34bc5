import type { FloatPlane } from "../../core/slab-planes.ts";
import { rowLengthOf } from "../../gradients/gradient.ts";
import type { CheckpointTensor } from "../../state/checkpoint-file/write-checkpoint.ts";
import type { TensorDtype } from "../../state/safetensors/tensor.ts";
import type { Entry } from "../entry.ts";
import type { Internals } from "./internals.ts";
import type { SavedState } from "./saved-state.ts";

/** The planes that are state, by the prefix of their tensors. */
export const FLOAT_TENSORS: readonly (readonly [prefix: string, plane: FloatPlane])[] = [
  ["param", "param"],
  ["exp_avg", "expAvg"],
  ["exp_avg_sq", "expAvgSq"],
  ["max_exp_avg_sq", "maxExpAvgSq"],
];

/** A tensor that a state asks for. */
export interface StateTensor {
  readonly name: string;
  /** Of the parameter. */
  readonly parameter: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
}

/** Names of the groups that keep the maximum of exp_avg_sq. */
export function groupsWithMax({ groups }: SavedState): ReadonlySet<string> {
  return new Set(groups.filter(({ amsgrad }) => amsgrad).map(({ name }) => name));
}

/** The tensors of a saved state, but for sums of micro-batches. */
export function planesOfSaved(saved: SavedState): StateTensor[] {
  const { parameters, model } = saved;
  const withMax = groupsWithMax(saved);
  return parameters.flatMap(({ name, shape, group }) => {
    const of = (prefix: string, dtype: TensorDtype): StateTensor => {
      return { name: `${prefix}.${name}`, parameter: name, dtype, shape };
    };
    const hasMax = withMax.has(group);
    return [
      ...FLOAT_TENSORS.filter(([, plane]) => plane !== "maxExpAvgSq" || hasMax).map(([prefix]) =>
        of(prefix, "F32"),
      ),
      ...(model === "float32" ? [] : [of("model", model === "float16" ? "F16" : "BF16")]),
    ];
  });
}

/** All tensors of an optimizer's state; views of its memory are made when they are asked for. */
export function tensorsOf(internals: Internals): CheckpointTensor[] {
  const { entries } = internals;
  return entries.flatMap((entry) => [
    ...planesOf(internals, entry),
    ...modelOf(internals, entry),
    ...sumOf(internals, entry),
  ]);
}

function planesOf({ slabs }: Internals, entry: Entry): CheckpointTensor[] {
  const { amsgrad } = entry.paramGroup;
  return FLOAT_TENSORS.filter(([, plane]) => plane !== "maxExpAvgSq" || amsgrad).map(
    ([prefix, plane]) => tensor(prefix, entry, "F32", () => floats(slabs, entry, plane)),
  );
}

function modelOf({ slabs, rule }: Internals, entry: Entry): CheckpointTensor[] {
  const { model } = rule.settings;
  if (model === "float32") return [];
  const dtype = model === "float16" ? "F16" : "BF16";
  const parts = () => slabs.partsOf(entry.index).map((part) => slabs.model(part));
  return [tensor("model", entry, dtype, parts)];
}

/** The sum of micro-batches that no step has taken yet. */
function sumOf({ slabs, stepper }: Internals, entry: Entry): CheckpointTensor[] {
  const sum = stepper.sums.sums.get(entry.name);
  if (!sum) return [];
  if (!sum.rows) return [tensor("accumulated", entry, "F32", () => floats(slabs, entry, "grad"))];
  const { rows, values } = sum.rows;
  const { name, shape } = entry;
  return [
    {
      name: `accumulated_rows.${name}`,
      dtype: "U32",
      shape: [rows.length],
      parts: () => [rows],
    },
    {
      name: `accumulated_values.${name}`,
      dtype: "F32",
      shape: [rows.length, rowLengthOf(shape)],
      parts: () => [values],
    },
  ];
}

function floats(slabs: Internals["slabs"], { index }: Entry, plane: FloatPlane): Float32Array[] {
  return slabs.partsOf(index).map((part) => slabs.floats(part, plane));
}

function tensor(
  prefix: string,
  { name, shape }: Entry,
  dtype: TensorDtype,
  parts: () => Iterable<ArrayBufferView>,
): CheckpointTensor {
  return { name: `${prefix}.${name}`, dtype, shape, parts };
}
