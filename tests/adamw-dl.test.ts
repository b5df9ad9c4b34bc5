import { suite } from "uvu";
import * as assert from "uvu/assert";
import { clipByGlobalNorm } from "../src/gradients/clip.ts";
import {
  AdamW,
  AdamWDL,
  type AdamWDLOptions,
  type AdamWDLParameter,
  layerwiseLrDecay,
  type NameDict,
  noDecayOnBiasAndNorm,
} from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";

const test = suite("AdamWDL");

const NAMES = ["bert.embedding.weight", "bert.encoder.layers.1.bias", "classifier.weight"] as const;
const weights = () => Object.fromEntries(NAMES.map((name, i) => [name, realistic(9, i + 1)]));
const gradients = (k: number) =>
  Object.fromEntries(NAMES.map((name, i) => [name, realistic(9, 10 * k + i + 5)]));
const make = (options: Partial<AdamWDLOptions> = {}) =>
  new AdamWDL({ parameters: weights(), ...options });
const scales = (optimizer: AdamWDL) => NAMES.map((name) => optimizer.parameter(name).lrScale);

test("the example of the documentation runs line by line", () => {
  function simpleLrSetting(
    decayRate: number,
    nameDict: NameDict,
    _nLayers: number,
    param: AdamWDLParameter,
  ) {
    let ratio = 1.0;
    const staticName = nameDict[param.name];
    if (staticName.includes("weight")) ratio = decayRate ** 0.5;
    param.optimizeAttr.learningRate *= ratio;
  }
  // paddle.nn.Linear(10, 10): parameters with dynamic names, and their static names.
  const linear = {
    namedParameters: () => [
      ["weight", { name: "linear_0.w_0", shape: [10, 10], data: realistic(100, 1) }] as const,
      ["bias", { name: "linear_0.b_0", shape: [10] }] as const,
    ],
    parameters: () => linear.namedParameters().map(([, parameter]) => parameter),
  };

  const nameDict: Record<string, string> = {};
  for (const [n, p] of linear.namedParameters()) nameDict[p.name] = n;

  const adamwdl = new AdamWDL({
    learningRate: 1e-4,
    parameters: linear.parameters(),
    setParamLrFun: simpleLrSetting,
    layerwiseDecay: 0.8,
    nameDict,
  });

  adamwdl.step({ "linear_0.w_0": realistic(100, 2), "linear_0.b_0": realistic(10, 3) });
  adamwdl.zeroGradients();

  assert.is(adamwdl.steps, 1);
  assert.is(adamwdl.parameter("linear_0.w_0").lrScale, 0.8 ** 0.5);
  assert.is(adamwdl.parameter("linear_0.b_0").lrScale, 1, "assigned, though its value is the same");
  const bias = adamwdl.parameter("linear_0.b_0").master;
  // At t = 1 the step is lr * g / (|g| + eps).
  realistic(10, 3).forEach((g, i) => {
    const expected = -1e-4 * (g / (Math.abs(g) + 1e-8));
    assert.ok(Math.abs(bias[i] - expected) < 1e-10, `element ${i}: ${bias[i]}, not ${expected}`);
  });
});

test("its defaults are AdamW's, bit for bit", () => {
  const ours = make();
  const common = new AdamW(weights());
  for (let k = 0; k < 5; k++) {
    ours.step(gradients(k));
    common.step(gradients(k));
  }
  assert.is(ours.digest(), common.digest());
  const [{ lr, weightDecay, betas, eps, amsgrad }] = ours.groups;
  assert.equal(
    { lr, weightDecay, betas, eps, amsgrad },
    { lr: 1e-3, weightDecay: 0.01, betas: [0.9, 0.999], eps: 1e-8, amsgrad: false },
  );
});

test("layerwiseLrDecay has the powers of the original's code", () => {
  const ratio = (name: string) => layerwiseLrDecay(0.9, { dynamic: name }, 12, { name: "dynamic" });
  const expected: [string, number][] = [
    ["ernie.embeddings.word_embeddings.weight", 0.2541865828],
    ["ernie.encoder.layers.0.linear1.weight", 0.2824295365],
    ["ernie.encoder.layers.11.norm2.bias", 0.9],
    ["ernie.pooler.dense.weight", 1],
    ["classifier.weight", 1],
    ["decoder.layers.3.weight", 1],
    ["encoder.layers.10", 0.81],
  ];
  for (const [name, value] of expected) {
    assert.ok(Math.abs(ratio(name) - value) < 5e-11, `${name}: ${ratio(name)}, expected ${value}`);
  }
});

test("layerwiseDecay and nLayers reach the parameters; null sets no layer rates", () => {
  const close = (actual: number[], expected: number[]) => {
    actual.forEach((value, i) => {
      assert.ok(Math.abs(value - expected[i]) < 1e-15, `${NAMES[i]}: ${value}`);
    });
  };
  close(scales(make({ layerwiseDecay: 0.5, nLayers: 3 })), [0.0625, 0.25, 1]);
  assert.equal(scales(make({ layerwiseDecay: 0.5, setParamLrFun: null })), [1, 1, 1]);
  const nameDict = { [NAMES[0]]: "head", [NAMES[1]]: "embedding", [NAMES[2]]: "encoder.layers.2" };
  close(scales(make({ layerwiseDecay: 0.5, nLayers: 3, nameDict })), [1, 0.0625, 0.5]);
});

test("a layer function gets the original's arguments; what it returns multiplies what it assigns", () => {
  const seen: unknown[] = [];
  const optimizer = make({
    parameters: [
      { name: "a", shape: [1], optimizeAttr: { learningRate: 0.5 } },
      { name: "b", shape: [2, 3], optimizeAttr: {} },
      { name: "c", shape: [] },
    ],
    layerwiseDecay: 0.8,
    nLayers: 4,
    setParamLrFun: (decayRate, nameDict, nLayers, param) => {
      const { name, shape, optimizeAttr } = param;
      seen.push([decayRate, nameDict, nLayers, name, shape, optimizeAttr.learningRate]);
      if (name === "b") param.optimizeAttr.learningRate = 3;
      if (name === "c") {
        param.optimizeAttr.learningRate = 7;
        return;
      }
      return 0.25;
    },
  });
  const names = { a: "a", b: "b", c: "c" };
  assert.equal(seen, [
    [0.8, names, 4, "a", [1], 0.5],
    [0.8, names, 4, "b", [2, 3], 1],
    [0.8, names, 4, "c", [], 1],
  ]);
  assert.equal(
    ["a", "b", "c"].map((name) => optimizer.parameter(name).lrScale),
    [0.125, 0.75, 7],
  );
  const plain = make({
    parameters: { a: { shape: [1], optimizeAttr: { learningRate: 0.5 } } },
    setParamLrFun: null,
  });
  assert.is(plain.parameter("a").lrScale, 0.5);
});

test("applyDecayParamFun gates the decay, never the update", () => {
  const all = make();
  const some = make({ applyDecayParamFun: (name) => name !== NAMES[1] });
  for (const optimizer of [all, some]) optimizer.step(gradients(0));
  assert.equal(
    NAMES.map((name) => some.parameter(name).decays),
    [true, false, true],
  );
  assert.is(some.parameter(NAMES[1]).step, 1);
  const undecayed = new AdamW(weights(), { decays: noDecayOnBiasAndNorm });
  undecayed.step(gradients(0));
  const master = some.parameter(NAMES[1]).master;
  assert.is(differingBits(master, undecayed.parameter(NAMES[1]).master), -1);
  assert.is.not(differingBits(master, all.parameter(NAMES[1]).master), -1);
  assert.is.not(differingBits(master, weights()[NAMES[1]]), -1, "it was updated");
});

test("executed decays by lr*wd and by lr*ratio*wd, in one rounding", () => {
  const decayed = (parameters: AdamWDLOptions["parameters"], name: string, ratio: number) => {
    const optimizer = make({
      parameters,
      learningRate: 0.5,
      weightDecay: 0.25,
      setParamLrFun: () => ratio,
      arithmetic: "executed",
    });
    optimizer.step({ [name]: new Float32Array(1) });
    return optimizer.parameter(name).master[0];
  };
  const one = Float32Array.of(1);
  assert.is(decayed({ a: one }, "a", 0.5), (1 - 0.125) * (1 - 0.0625));
  const own = { a: { shape: [1], data: one, optimizeAttr: { learningRate: 0.5 } } };
  assert.is(decayed(own, "a", 1), (1 - 0.125) * (1 - 0.0625), "the first with the full rate");
});

test("one-element arrays are numbers", () => {
  const arrays = make({
    beta1: [0.8],
    beta2: Float64Array.of(0.99),
    epsilon: [1e-6],
    weightDecay: Float32Array.of(0.25),
    layerwiseDecay: [0.5],
  });
  const numbers = make({
    beta1: 0.8,
    beta2: 0.99,
    epsilon: 1e-6,
    weightDecay: 0.25,
    layerwiseDecay: 0.5,
  });
  assert.is(arrays.configDigest(), numbers.configDigest());
  for (const optimizer of [arrays, numbers]) optimizer.step(gradients(0));
  assert.is(arrays.digest(), numbers.digest());
});

test("learningRate may be a schedule, and name prefixes the reports", () => {
  const lr = (k: number) => 1e-3 / (k + 1);
  const optimizer = make({ learningRate: lr, name: "finetune" });
  optimizer.step(gradients(0));
  assert.equal(optimizer.step(gradients(1)).lr, { "finetune.default": 5e-4 });
  assert.equal(make({ name: null }).step(gradients(0)).lr, { default: 1e-3 });
});

test("null leaves out what the original has as None", () => {
  const none = { applyDecayParamFun: null, gradClip: null, nameDict: null, name: null };
  assert.is(make(none).configDigest(), make().configDigest());
});

test("every option that changes the arithmetic changes the config digest", () => {
  const changes: Partial<AdamWDLOptions>[] = [
    {},
    { arithmetic: "documented" },
    { arithmetic: "executed" },
    { layerwiseDecay: 0.9 },
    { beta1: 0.8 },
    { epsilon: 1e-7 },
    { learningRate: 1e-4 },
    { weightDecay: 0 },
    { applyDecayParamFun: () => false },
  ];
  const digests = changes.map((change) => make(change).configDigest());
  assert.is(new Set(digests).size, changes.length);
});

test("clips, lazyMode, multiPrecision and the machinery's options are accepted", () => {
  const optimizer = make({
    gradClip: clipByGlobalNorm(1),
    lazyMode: true,
    multiPrecision: true,
    gradNorm: true,
  });
  assert.type(optimizer.step(gradients(0)).gradNorm, "number");
});
test.run();
