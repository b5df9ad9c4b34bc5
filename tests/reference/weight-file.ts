import type { Weights } from "../../src/state/weights/weights.ts";
import { inFileOrder, type PlainTensor, plainFile } from "./plain-checkpoint.ts";

// A weight file with a tensor of each kind, and views of what was read.

export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);
export const tensor = (
  name: string,
  dtype: string,
  shape: readonly number[],
  values: ArrayBufferView,
): PlainTensor => ({ name, dtype, shape, bytes: bytesOf(values) });

export const W = tensor("layer.0.w", "F32", [2, 2], Float32Array.of(1.5, -0, 1e-40, -3.25));
export const HALF = tensor("layer.0.h", "F16", [3], Uint16Array.of(0x3c00, 0x8001, 0x7bff));
export const BRAIN = tensor("layer.0.b", "BF16", [], Uint16Array.of(0x3f80));
export const WIDE = tensor(
  "layer.1.w",
  "F64",
  [3],
  Float64Array.of(0.1, 1 + 2 ** -24, -(1 + 3 * 2 ** -24)),
);
export const NONE = tensor("empty", "F32", [0, 7], new Float32Array());
export const IDS = tensor("position_ids", "I64", [2], BigInt64Array.of(0n, 1n));
export const MASK = tensor("mask", "BOOL", [3], Uint8Array.of(1, 0, 1));
export const ALL = [W, HALF, BRAIN, WIDE, NONE, IDS, MASK];
export const FILE = plainFile(inFileOrder(ALL), { format: "pt" });

/** Bit patterns, by name: floats compared by value would take -0 for 0. */
export function bits({ parameters }: Weights) {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { shape, dtype, data }]) => {
      const view = dtype === "float32" ? new Uint32Array(data.buffer) : data;
      return [name, { shape, dtype, bits: [...view] }];
    }),
  );
}

export const f32 = (...values: readonly number[]) => [
  ...new Uint32Array(Float32Array.from(values).buffer),
];
