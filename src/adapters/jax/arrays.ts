// What this adapter needs of jax-js, spelled out: the package itself is the caller's, and types of
// its own do not compile under every setting.

/** An array of jax-js, which is used up by what it is given to; `ref` lets it be used once more. */
export interface JaxArray {
  /** Lengths of its dimensions. */
  readonly shape: readonly number[];
  /** Number of elements. */
  readonly size: number;
  /** How its elements are stored, such as "float32". */
  readonly dtype: string;
  /** Where they are, such as "wasm". */
  readonly device: string;
  /** How many uses are left. */
  readonly refCount: number;
  /** The array itself, with one use more. */
  readonly ref: JaxArray;
  /** Takes a use away; the last one frees it. */
  dispose(): void;
  /** Its elements, copied. Uses the array up. */
  dataSync(): ArrayBufferView;
  /** As dataSync, for devices that cannot be waited for. */
  data(): Promise<ArrayBufferView>;
}

/** The devices of jax-js. */
export type JaxDevice = "cpu" | "wasm" | "webgpu" | "webgl";

/** The namespace `numpy` of jax-js. */
export interface JaxNumpy {
  /** Makes an array out of a copy of the values. */
  array(values: Float32Array, options: { shape: number[]; device?: JaxDevice }): JaxArray;
}

/** Whether a value is an array of jax-js, used up or not. */
export function isJaxArray(value: unknown): value is JaxArray {
  if (!isArrayLike(value)) return false;
  return typeof (value as { dataSync?: unknown }).dataSync === "function";
}

/** Whether it stands for an array while jax-js traces a function: jit, grad, vmap. */
export function isTracer(value: unknown): boolean {
  return isArrayLike(value) && !isJaxArray(value);
}

function isArrayLike(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { shape, dtype, dispose } = value as Record<"shape" | "dtype" | "dispose", unknown>;
  return Array.isArray(shape) && typeof dtype === "string" && typeof dispose === "function";
}

/** float32 values, as an array on the device of another, whose shape it gets. */
export function arrayLike(numpy: JaxNumpy, values: Float32Array, other: JaxArray): JaxArray {
  const shape = [...other.shape];
  const made = numpy.array(values, { shape });
  if (made.device === other.device) return made;
  // Asked for only where it must be: an array made for a device does not mix with other devices'.
  made.dispose();
  return numpy.array(values, { shape, device: other.device as JaxDevice });
}
