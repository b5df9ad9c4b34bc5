import type { JaxArray } from "./arrays.ts";
import type { Leaf } from "./tree.ts";

/** Values by path: copies, which are the adapter's own. */
export type Values = ReadonlyMap<string, Float32Array>;

/** Reads float32 arrays, which keep their uses. */
export function readArrays(leaves: readonly Leaf[]): Values {
  return new Map(leaves.map(({ path, array }) => [path, readSync(array)]));
}

/** As `readArrays`, without holding up the thread: a GPU, or jax-js's own workers, finish first. */
export async function readArraysAsync(leaves: readonly Leaf[]): Promise<Values> {
  // All settle before one may throw: what is still being read must not outlive the call.
  const read = await Promise.allSettled(leaves.map(({ array }) => readAsync(array)));
  return new Map(
    leaves.map(({ path }, index): [string, Float32Array] => {
      const result = read[index];
      if (result.status === "rejected") throw result.reason;
      return [path, result.value];
    }),
  );
}

function readSync(array: JaxArray): Float32Array {
  if (array.size === 0) return new Float32Array(0);
  const before = array.refCount;
  try {
    return array.ref.dataSync() as Float32Array;
  } catch (cause) {
    if (array.refCount > before) array.dispose();
    throw cause;
  }
}

async function readAsync(array: JaxArray): Promise<Float32Array> {
  if (array.size === 0) return new Float32Array(0);
  const before = array.refCount;
  try {
    return (await array.ref.data()) as Float32Array;
  } catch (cause) {
    if (array.refCount > before) array.dispose();
    throw cause;
  }
}
