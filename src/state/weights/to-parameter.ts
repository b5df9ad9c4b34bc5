import { allocate, show } from "../../errors.ts";
import type { Dtype } from "../../parameters/parameter.ts";
import type { TensorDtype, TensorEntry } from "../safetensors/tensor.ts";
import type { WeightTensor } from "./weights.ts";

/** What tensors become. float64 is rounded to float32, once. */
const DTYPES: Readonly<Partial<Record<TensorDtype, Dtype>>> = {
  F32: "float32",
  F64: "float32",
  F16: "float16",
  BF16: "bfloat16",
};

/** The dtype of the parameter that a tensor becomes, or undefined. */
export function parameterDtype({ dtype }: TensorEntry): Dtype | undefined {
  return DTYPES[dtype];
}

/** A parameter of a tensor's bytes, which it takes over. They fill their buffer. */
export function toParameter(tensor: TensorEntry, bytes: Uint8Array<ArrayBuffer>): WeightTensor {
  const { buffer } = bytes;
  const dtype = DTYPES[tensor.dtype] as Dtype;
  const { shape } = tensor;
  if (tensor.dtype === "F64")
    return { shape, dtype, data: narrow(tensor, new Float64Array(buffer)) };
  const data = dtype === "float32" ? new Float32Array(buffer) : new Uint16Array(buffer);
  return { shape, dtype, data };
}

function narrow({ name }: TensorEntry, wide: Float64Array): Float32Array {
  const { byteLength } = wide;
  const data = allocate(byteLength / 2, `tensor ${show(name)}`, () => Float32Array.from(wide));
  const index = data.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(wide[i]));
  if (index < 0) return data;
  throw new RangeError(
    `"element ${index}" of tensor ${show(name)}: expected a number that float32 can hold, got ${wide[index]}`,
  );
}
