import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as tfjs from "../src/adapters/tfjs/index.ts";
import { valuesOf } from "../src/adapters/tfjs/tensors.ts";
import { AshlarError } from "../src/index.ts";
import { assertOwnCases, type Wrong } from "./reference/bad-input.ts";
import { assertRefusedLater, errorOf } from "./reference/misuse.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";
import { loadTf, type Tensor, type TfOptimizer, type Variable } from "./reference/tfjs.ts";

const test = suite("tfjs: what rarely happens");

const tf = await loadTf();
await tf.setBackend("cpu");
await tfjs.ready();

type Ours = TfOptimizer & tfjs.AshlarMembers;
const adamW = (options = {}) => tfjs.adamW(tf as Wrong, options) as unknown as Ours;

const ones = (size: number) => new Float32Array(size).fill(1);
const variable = (name: string, shape: number[]): Variable => {
  const size = shape.reduce((product, each) => product * each, 1);
  return tf.tidy(() => tf.variable(tf.tensor(ones(size), shape), true, name));
};
const step = (optimizer: Ours, ...variables: Variable[]) => {
  const gradients = variables.map(({ name, size, shape }) => ({
    name,
    tensor: tf.tensor(ones(size), [...shape]),
  }));
  optimizer.applyGradients(gradients);
  tf.dispose(gradients.map(({ tensor }) => tensor));
};

/** What reading a model's file gives. */
const fromConfig = (ashlar: unknown) => () => {
  const cls = adamW().constructor as Wrong;
  return cls.fromConfig(cls, { ashlar });
};
const WHERE = "of the config of AshlarAdamW: expected";
const CONFIGS: RefusedRow[] = [
  ["no text", fromConfig(7), TypeError, `"ashlar" ${WHERE} a string, got 7`],
  [
    "no config at all",
    fromConfig(undefined),
    TypeError,
    `"ashlar" ${WHERE} a string, got undefined`,
  ],
  ["text that is no JSON", fromConfig("{"), RangeError, `"ashlar" ${WHERE} JSON, got "{"`],
  [
    "null",
    fromConfig("null"),
    RangeError,
    `"ashlar" ${WHERE} options, groups and schedules, got "null"`,
  ],
  [
    "an object of something else",
    fromConfig('{"options":{},"groups":{}}'),
    RangeError,
    `"ashlar" ${WHERE} options, groups and schedules, got "{\\"options\\":{},\\"groups\\":{}}"`,
  ],
];

test("each row is its own case", () => assertOwnCases(CONFIGS));

for (const [why, act, kind, message] of CONFIGS) {
  test(`a config is refused: ${why}`, () => assertRefused(act, kind, message));
}

test("a group of a config that says nothing of what it matches asks for it by name", () => {
  const group = { name: "head", match: {}, options: {} };
  const config = JSON.stringify({ options: {}, groups: [group], schedules: [] });
  assert.throws(fromConfig(config), /"match"/);
});

test("what is no TensorFlow.js is named", () => {
  for (const [wrong, got] of [
    [undefined, "undefined"],
    [{ Optimizer: 1 }, "an object"],
  ] as const) {
    assertRefused(
      () => tfjs.adamW(wrong as Wrong),
      TypeError,
      `"tf" of ashlar/tfjs: expected the namespace of @tensorflow/tfjs or its core, got ${got}`,
    );
  }
});

test("a gradient of whole numbers is refused", () => {
  const w = variable("edges/w", [2]);
  const optimizer = adamW();
  const gradient = tf.tensor(Int32Array.of(1, 2), [2], "int32");
  assertRefused(
    () => optimizer.applyGradients({ [w.name]: gradient }),
    TypeError,
    '"gradient" of variable "edges/w": expected float32, got int32',
  );
  assert.is(optimizer.ashlar, null);
  assert.equal([...w.dataSync()], [1, 1]);
  tf.dispose([gradient, w]);
});

test("layersOf: embeddings lie below the blocks, and names as layers gave them count too", () => {
  const layer = (className: string, ...names: [name: string, original: string][]) => ({
    weights: names.map(([name, originalName]) => ({ name, originalName })),
    getClassName: () => className,
  });
  const { layerOf, layers }: Wrong = tfjs.layersOf({
    layers: [
      layer("Embedding", ["table", "table"]),
      layer("Activation"),
      layer("Dense", ["dense/kernel_1", "dense/kernel"], ["dense/bias", "dense/bias"]),
      layer("Embedding", ["late", "late"]),
      layer("Dense", ["head", "dense/kernel"]),
    ],
  });
  assert.is(layers, 1);
  assert.equal(
    ["table", "dense/kernel_1", "dense/kernel", "dense/bias", "late", "head", "x"].map(layerOf),
    ["embedding", 0, 0, 0, "embedding", "head", undefined],
  );
});

test("a variable whose saved state has another shape", async () => {
  const w = variable("shaped", [2]);
  const first = adamW();
  step(first, w);
  const weights = await first.getWeights();
  w.dispose();
  const other = variable("shaped", [3]);
  const second = adamW();
  await second.setWeights(weights);
  assert.throws(
    () => step(second, other),
    /^"shape" of variable "shaped": expected \[2\], as its saved state "shaped", got \[3\]$/,
  );
  assert.equal([...other.dataSync()], [1, 1, 1]);
  tf.dispose([other, ...weights.map(({ tensor }) => tensor)]);
});

test("another variable of the same name and another shape, in the middle of training", () => {
  const w = variable("again", [2, 1]);
  const optimizer = adamW();
  step(optimizer, w);
  w.dispose();
  const other = variable("again", [2]);
  const before = optimizer.ashlar?.digest();
  assert.throws(
    () => step(optimizer, other),
    /^"shape" of variable "again": expected \[2,1\], as before, got \[2\]$/,
  );
  assert.is(optimizer.ashlar?.digest(), before);
  other.dispose();
});

test("another variable of the same name and shape: its values are new, its state goes on", () => {
  const w = variable("anew", [2]);
  const optimizer = adamW({ lr: 0.5, weightDecay: 0 });
  step(optimizer, w);
  w.dispose();
  const other = variable("anew", [2]);
  step(optimizer, other);
  const parameter = optimizer.ashlar?.parameter("anew");
  assert.is(parameter?.step, 2);
  assert.equal([...other.dataSync()], [...(parameter?.master ?? [])]);
  // A step of the length of lr from 1, and not from where the first one ended.
  assert.ok(other.dataSync()[0] > 0.25);
  other.dispose();
});

test("adamWDL, which has no groups, takes variables that come later", () => {
  const [w, v] = [variable("dl/w", [2]), variable("dl/v", [2])];
  const optimizer = tfjs.adamWDL(tf as Wrong, { learningRate: 0.1 }) as unknown as Ours;
  step(optimizer, w);
  step(optimizer, w, v);
  assert.equal(optimizer.ashlar?.parameterNames, ["dl/w", "dl/v"]);
  assert.is(optimizer.ashlar?.parameter("dl/v").step, 1);
  tf.dispose([w, v]);
});

test("weights are not saved over sums that wait", async () => {
  const w = variable("sums", [2]);
  const optimizer = adamW();
  step(optimizer, w);
  optimizer.ashlar?.accumulate({ sums: ones(2) });
  const before = optimizer.ashlar?.digest();
  await assertRefusedLater(
    () => optimizer.getWeights(),
    AshlarError,
    "getWeights: expected no summed gradients, got some. Step first",
    "BUSY",
  );
  assert.is(optimizer.ashlar?.digest(), before);
  w.dispose();
});

test("a tensor of another length among the weights", async () => {
  const w = variable("cut", [2]);
  const optimizer = adamW();
  step(optimizer, w);
  const weights = await optimizer.getWeights();
  const place = weights.findIndex(({ name }) => name === "cut/m");
  assert.ok(place > 0);
  const cut: Tensor = tf.tensor(ones(1), [1]);
  const { name } = weights[place];
  const before = optimizer.ashlar?.digest();
  const error = await errorOf(() =>
    optimizer.setWeights(weights.map((each, i) => (i === place ? { name, tensor: cut } : each))),
  );
  assert.is(error.message, `"${name}" of the weights of the optimizer: expected 2 elements, got 1`);
  assert.is(optimizer.ashlar?.digest(), before);
  tf.dispose([w, cut, ...weights.map(({ tensor }) => tensor)]);
});

test("a float16 model comes back with its bits", async () => {
  const w = variable("half", [2]);
  const options = { precision: { model: "float16" } };
  const [first, second] = [adamW(options), adamW(options)];
  step(first, w);
  const weights = await first.getWeights();
  await second.setWeights(weights);
  assert.is(second.ashlar?.digest(), first.ashlar?.digest());
  tf.dispose([w, ...weights.map(({ tensor }) => tensor)]);
});

test("a backend that gives values as a list", () => {
  const tensor = { dataId: {}, dataSync: () => [1, 0.1] };
  const backend = () => ({});
  assert.equal([...valuesOf({ backend } as Wrong, tensor as Wrong)], [1, Math.fround(0.1)]);
});

test.run();
