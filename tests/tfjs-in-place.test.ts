import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HeapAdamW } from "../src/adapters/core/index.ts";
import { AdamW } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";
import { loadTf, type Tensor, type Tf, type Variable } from "./reference/tfjs.ts";

// Why ashlar/tfjs gives a variable a new tensor instead of writing over the old one's memory, which
// TensorFlow.js's wasm backend would let it do. Where one of these begins to fail, that may be looked
// at again: docs/tfjs.md, "In place".

const test = suite("tfjs: weights in place on the wasm backend's heap");

interface MoreTf extends Tf {
  conv2d(x: Tensor, filter: Tensor, strides: number, pad: string): Tensor;
  depthwiseConv2d(x: Tensor, filter: Tensor, strides: number, pad: string): Tensor;
  prelu(x: Tensor, alpha: Tensor): Tensor;
  gather(x: Tensor, indices: Tensor): Tensor;
  batchNorm(x: Tensor, mean: Tensor, variance: Tensor, offset: Tensor, scale: Tensor): Tensor;
  readonly fused: {
    matMul(of: { a: Tensor; b: Tensor; bias: Tensor }): Tensor;
    conv2d(of: { x: Tensor; filter: Tensor; strides: number; pad: string; bias: Tensor }): Tensor;
  };
}

const tf = (await loadTf()) as MoreTf;
await tf.setBackend("wasm");
const backend = tf.backend() as { typedArrayFromHeap(tensor: Tensor): Float32Array };

const sizeOf = (shape: readonly number[]) => shape.reduce((product, each) => product * each, 1);
const tensor = (shape: number[], seed: number) => tf.tensor(realistic(sizeOf(shape), seed), shape);
const x = tensor([4, 6], 1);
const image = tensor([1, 5, 5, 3], 2);
const kernel = tensor([6, 8], 3);
const filter = tensor([2, 2, 3, 4], 8);
const same = { x: image, strides: 1, pad: "same" };
const [mean, variance] = [tensor([3], 9), tf.tensor([1, 2, 3])];
const rows = tf.tensor(Int32Array.of(1, 3), [2], "int32");

type Row = [what: string, shape: number[], operation: (w: Variable) => Tensor];
const STALE: Row[] = [
  ["matMul(x, w)", [6, 8], (w) => tf.matMul(x, w)],
  ["the bias of a fused matMul", [8], (w) => tf.fused.matMul({ a: x, b: kernel, bias: w })],
  ["conv2d", [2, 2, 3, 4], (w) => tf.conv2d(image, w, 1, "same")],
  ["depthwiseConv2d", [2, 2, 3, 1], (w) => tf.depthwiseConv2d(image, w, 1, "same")],
  ["the bias of a fused conv2d", [4], (w) => tf.fused.conv2d({ ...same, filter, bias: w })],
  ["prelu", [6], (w) => tf.prelu(x, w)],
];
const FRESH: Row[] = [
  ["matMul(w, x)", [8, 4], (w) => tf.matMul(w, x)],
  ["matMul(x, w) with w transposed", [8, 6], (w) => tf.matMul(x, w, false, true)],
  ["add", [6], (w) => tf.add(x, w)],
  ["mul", [6], (w) => tf.mul(x, w)],
  ["gather", [10, 6], (w) => tf.gather(w, rows)],
  ["batchNorm", [3], (w) => tf.batchNorm(image, mean, variance, mean, w)],
];

/** What an operation gives for old weights, after new ones were written over them, and for new ones. */
function outcomes([, shape, operation]: Row) {
  const variable = tf.variable(tensor(shape, 4));
  const run = () => tf.tidy(() => [...operation(variable).dataSync()]);
  const values = realistic(sizeOf(shape), 5);
  const old = run();
  backend.typedArrayFromHeap(variable).set(values);
  const written = run();
  tf.tidy(() => variable.assign(tf.tensor(values, shape)));
  const assigned = run();
  variable.dispose();
  assert.not.equal(assigned, old, "the new weights matter");
  return { old, written, assigned };
}

for (const row of STALE) {
  test(`${row[0]} goes on with the weights that were written over`, () => {
    const { old, written } = outcomes(row);
    assert.equal(written, old);
  });
}

for (const row of FRESH) {
  test(`${row[0]} sees what is written`, () => {
    const { written, assigned } = outcomes(row);
    assert.equal(written, assigned);
  });
}

test("HeapAdamW steps tensors of that heap, with the bits of AdamW", async () => {
  // The memory is a private member, which a minifier named.
  const { asm } = (backend as unknown as { wasm: { asm: object } }).wasm;
  const isMemory = (value: unknown) => value instanceof WebAssembly.Memory;
  const memory = Object.values(asm).find(isMemory) as WebAssembly.Memory;
  const length = 1000;
  const make = (values: Float32Array) => tf.tensor(values, [length]);
  const [param, grad] = [make(realistic(length, 6)), make(realistic(length, 7))];
  const [expAvg, expAvgSq] = [1, 2].map(() => make(new Float32Array(length)));
  const table = tf.tensor(new Float32Array(HeapAdamW.bytesFor(1) / 4 + 1));
  const at = (of: Tensor) => backend.typedArrayFromHeap(of).byteOffset;
  const addresses = {
    param: at(param),
    grad: at(grad),
    expAvg: at(expAvg),
    expAvgSq: at(expAvgSq),
  };
  const begin = 8 * Math.ceil(at(table) / 8);
  const inHeap = new HeapAdamW(memory, [{ length, ...addresses }], { at: begin, lr: 0.1 });
  const reference = await AdamW.create({ w: realistic(length, 6) }, { lr: 0.1 });
  for (let k = 0; k < 5; k++) {
    inHeap.step();
    reference.step({ w: realistic(length, 7) });
  }
  assert.is(differingBits(param.dataSync(), reference.parameter("w").master), -1);
  tf.dispose([param, grad, expAvg, expAvgSq, table]);
  reference.dispose();
});

test.run();
