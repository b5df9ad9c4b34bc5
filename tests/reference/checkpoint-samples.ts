import type { CheckpointTensor } from "../../src/state/checkpoint-file/write-checkpoint.ts";
import type { TensorDtype } from "../../src/state/safetensors/tensor.ts";
import type { PlainTensor } from "./plain-checkpoint.ts";
import { xorshift32 } from "./random.ts";

// Small checkpoints for tests: every kind of tensor that optimizers save, and awkward names.

export interface Sample {
  readonly state: string;
  readonly tensors: readonly PlainTensor[];
}

const tensor = (
  next: () => number,
  name: string,
  dtype: TensorDtype,
  shape: readonly number[],
  size: number,
): PlainTensor => {
  const count = shape.reduce((product, n) => product * n, size);
  return { name, dtype, shape, bytes: Uint8Array.from({ length: count }, () => next() >>> 24) };
};

/** Two parameters with moments, as most checkpoints: below 1 KB. */
export function smallSample(seed = 0x9e3779b9): Sample {
  const next = xorshift32(seed);
  const tensors = ["param", "exp_avg", "exp_avg_sq"].flatMap((plane) => [
    tensor(next, `${plane}.w`, "F32", [3, 2], 4),
    tensor(next, `${plane}.b`, "F32", [3], 4),
  ]);
  return { state: JSON.stringify({ class: "AdamW", steps: 7 }), tensors };
}

/** Several dtypes, scalars, empty tensors, names beyond ASCII and those of prototypes. */
export function mixedSample(seed = 0x85ebca6b): Sample {
  const next = xorshift32(seed);
  const tensors = [
    tensor(next, "param.größe", "F32", [5], 4),
    tensor(next, "param.😀", "F32", [], 4),
    tensor(next, "param.\uff61", "F32", [2, 1, 2], 4),
    tensor(next, "param.none", "F32", [0, 3], 4),
    tensor(next, "model.größe", "BF16", [5], 2),
    tensor(next, "model.😀", "F16", [], 2),
    tensor(next, "accumulated_rows.e", "U32", [3], 4),
    tensor(next, "accumulated_values.e", "F32", [3, 4], 4),
    tensor(next, "__proto__", "U8", [3], 1),
    tensor(next, "constructor", "F64", [2], 8),
    tensor(next, 'a "quoted" \\ name\n', "I64", [1], 8),
    tensor(next, "0", "BOOL", [1], 1),
  ];
  return { state: '{"class":"AdamW","notes":"größe 😀 \\"q\\""}', tensors };
}

/** A file of 4,096 bytes. */
export function sampleOf4096Bytes(lengthWith: (sample: Sample) => number): Sample {
  const next = xorshift32(0xc2b2ae35);
  const tensors = ["param", "exp_avg", "exp_avg_sq"].map((plane) =>
    tensor(next, `${plane}.w`, "F32", [16, 16], 4),
  );
  const empty = { state: "", tensors };
  // Metadata hold the state as it is while it needs no escapes.
  return { state: " ".repeat(4096 - lengthWith(empty)), tensors };
}

/** As the writer takes it, each tensor in parts of `most` bytes. */
export function asParts(tensors: readonly PlainTensor[], most = 1000): CheckpointTensor[] {
  return tensors.map(({ name, dtype, shape, bytes }) => ({
    name,
    dtype: dtype as TensorDtype,
    shape,
    *parts() {
      for (let at = 0; at < bytes.length; at += most) yield bytes.subarray(at, at + most);
    },
  }));
}
