import { isFloat32Array } from "../../validate.ts";
import type { Operations, Tensor, Variable } from "./tensorflow.ts";

/** As much of the wasm backend as is used here. */
interface HeapBackend {
  typedArrayFromHeap(tensor: Tensor): ArrayBufferView;
  readonly dataIdMap: { has(dataId: object): boolean };
}

/**
 * The values of a float32 tensor, to be read at once and not kept: the array of the cpu backend
 * itself, a view of the wasm backend's heap, and a copy from any other.
 */
export function valuesOf(tf: Operations, tensor: Tensor): Float32Array {
  const values = heapOf(tf, tensor)?.typedArrayFromHeap(tensor) ?? tensor.dataSync();
  return isFloat32Array(values) ? values : Float32Array.from(values as unknown as number[]);
}

function heapOf(tf: Operations, { dataId }: Tensor): HeapBackend | null {
  const backend = tf.backend() as unknown as Partial<HeapBackend>;
  // Asked before: looking up data that another backend holds would move it.
  const holds = typeof backend.typedArrayFromHeap === "function" && backend.dataIdMap?.has(dataId);
  return holds ? (backend as HeapBackend) : null;
}

/**
 * Whether a tensor that is made copies its values, rather than keeping the array. Only the wasm
 * backend does, onto its heap.
 */
export function copiesValues(tf: Operations): boolean {
  return typeof (tf.backend() as Partial<HeapBackend>).typedArrayFromHeap === "function";
}

/**
 * Gives a variable new values, as a new tensor: never by writing over the old ones. On the cpu
 * backend `dataSync` lends out the very array; on the wasm backend matMul keeps a packed copy of a
 * weight for as long as its tensor lives, and would go on with that one.
 */
export function assignValues(tf: Operations, variable: Variable, values: Float32Array): void {
  tf.tidy(() => variable.assign(tf.tensor(values, variable.shape, "float32")));
}
