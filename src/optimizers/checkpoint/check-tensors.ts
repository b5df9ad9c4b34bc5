import { mismatch, show, showShape } from "../../errors.ts";
import { rowLengthOf } from "../../gradients/gradient.ts";
import { CheckpointError } from "../../state/checkpoint-error.ts";
import type { TensorDtype, TensorEntry } from "../../state/safetensors/tensor.ts";
import type { SavedParameter, SavedState } from "./saved-state.ts";
import { planesOfSaved } from "./tensors-of.ts";

type Tensors = ReadonlyMap<string, TensorEntry>;

/**
 * Looks whether a checkpoint has the tensors that its state speaks of, before anything is allocated
 * for them.
 *
 * @throws CheckpointError MISSING_TENSOR, WRONG_DTYPE, WRONG_SHAPE
 */
export function checkTensors(saved: SavedState, tensors: readonly TensorEntry[]): void {
  const byName: Tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  for (const { name, dtype, shape } of planesOfSaved(saved)) check(byName, name, dtype, shape);
  checkSums(saved, byName);
}

function checkSums({ accumulation, parameters }: SavedState, tensors: Tensors): void {
  const shapes = new Map(parameters.map(({ name, shape }: SavedParameter) => [name, shape]));
  for (const { name, sparse } of accumulation?.parameters ?? []) {
    // The names are those of parameters: consistent-state.ts.
    const shape = shapes.get(name) as readonly number[];
    if (!sparse) {
      check(tensors, `accumulated.${name}`, "F32", shape);
      continue;
    }
    const rows = find(tensors, `accumulated_rows.${name}`);
    const count = Math.min(rows.shape[0] ?? 0, shape[0] ?? 0);
    check(tensors, rows.name, "U32", [count]);
    check(tensors, `accumulated_values.${name}`, "F32", [count, rowLengthOf(shape)]);
  }
}

function find(tensors: Tensors, name: string): TensorEntry {
  const tensor = tensors.get(name);
  if (tensor) return tensor;
  throw new CheckpointError(
    "MISSING_TENSOR",
    `tensor ${show(name)} of the checkpoint: expected it, got none`,
  );
}

function check(tensors: Tensors, name: string, dtype: TensorDtype, shape: readonly number[]): void {
  const tensor = find(tensors, name);
  const where = `tensor ${show(name)} of the checkpoint`;
  if (tensor.dtype !== dtype) {
    throw new CheckpointError("WRONG_DTYPE", mismatch("dtype", where, dtype, tensor.dtype));
  }
  if (tensor.shape.join() === shape.join()) return;
  const [expected, got] = [shape, tensor.shape].map(showShape);
  throw new CheckpointError("WRONG_SHAPE", mismatch("shape", where, expected, got));
}
