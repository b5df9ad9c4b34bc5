import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as tfjs from "../src/adapters/tfjs/index.ts";
import { AshlarError, dynamicLossScale } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";
import { loadTf, makeModel } from "./reference/tfjs.ts";

const test = suite("tfjs: errors");
const tf = await loadTf();
await tf.setBackend("cpu");
await tfjs.ready();

type Row = [
  what: string,
  options: unknown,
  kind: typeof TypeError | typeof RangeError,
  words: RegExp,
];
const OPTIONS: Row[] = [
  ["no options", 3, TypeError, /"options" of AshlarAdamW/],
  ["an unknown option", { learningRate: 1 }, TypeError, /"learningRate" of the options/],
  ["a rate", { lr: -1 }, RangeError, /"lr" of the options.*-1/],
  ["a filter", { decays: 1 }, TypeError, /"decays" of the options/],
  ["parameters", { parameters: {} }, TypeError, /"parameters" of the options.*variables/],
  ["a loss scale", { lossScale: dynamicLossScale() }, TypeError, /"lossScale" of the options/],
  ["threads", { threads: 2 }, RangeError, /"threads" of the options: expected 1, got 2/],
  ["groups", { groups: {} }, TypeError, /"groups" of the options: expected a list/],
  ["a group", { groups: [null] }, TypeError, /"groups\[0\]" of the options/],
  ["no name", { groups: [{ match: [] }] }, TypeError, /"name" of groups\[0\]/],
  ["default", { groups: [{ name: "default", match: [] }] }, RangeError, /"name" of groups\[0\]/],
  ["no match", { groups: [{ name: "a" }] }, TypeError, /"match" of group "a"/],
  [
    "a name twice",
    { groups: [1, 2].map(() => ({ name: "a", match: [] })) },
    RangeError,
    /"name" of groups\[1\].*no other group/,
  ],
  ["a group's lr", { groups: [{ name: "a", match: [], lr: "x" }] }, TypeError, /"lr" of group "a"/],
  [
    "a group's key",
    { groups: [{ name: "a", match: [], foo: 1 }] },
    TypeError,
    /"foo" of group "a"/,
  ],
];

function refused(work: () => unknown, kind: new (...given: never[]) => Error, words: RegExp): void {
  try {
    work();
  } catch (error) {
    assert.instance(error, kind);
    assert.match((error as Error).message, words);
    return;
  }
  assert.unreachable(`expected ${words}`);
}

for (const [what, options, kind, words] of OPTIONS) {
  test(`at creation: ${what}`, () => {
    refused(() => tfjs.adamW(tf, options as never), kind, words);
  });
}

test("at creation: groups for adamWDL, a TensorFlow.js that is none", () => {
  const groups = [{ name: "a", match: [] }];
  refused(() => tfjs.adamWDL(tf, { groups } as never), TypeError, /"groups" of the options/);
  refused(() => tfjs.adamW({} as never), TypeError, /"tf" of ashlar\/tfjs/);
  refused(() => tfjs.decoupledAdamW(tf, { eps: 0 }), RangeError, /"eps"/);
  refused(() => tfjs.mindFormersAdamW(tf, { amsgrad: true }), RangeError, /"amsgrad"/);
});

test("in a step: all is checked, named, and nothing has changed", async () => {
  const model = makeModel(tf, realistic);
  const [kernel, bias] = model.all;
  const integers = tf.tidy(() => tf.variable(tf.tensor([1], [1], "int32"), true, "integers"));
  const optimizer = tfjs.adamW(tf);
  const good = tf.tensor(realistic(kernel.size, 3), kernel.shape);
  const flat = tf.tensor(realistic(kernel.size, 3));
  const bad = tf.tensor(new Float32Array(bias.size).fill(Number.NaN), bias.shape);
  optimizer.applyGradients({ [kernel.name]: good });
  const before = [kernel.dataSync().slice(), optimizer.ashlar?.digest()];
  const cases: [gradients: unknown, kind: typeof TypeError | typeof AshlarError, words: RegExp][] =
    [
      [null, TypeError, /"gradients" of applyGradients/],
      [{ stranger: good }, RangeError, /"gradients" of applyGradients.*"stranger"/],
      [{ toString: good }, RangeError, /"toString"/],
      [[1, 2].map(() => ({ name: kernel.name, tensor: good })), RangeError, /each variable once/],
      [
        { [kernel.name]: flat },
        RangeError,
        /body\/kernel": expected shape \[6, 8\], got shape \[48\]/,
      ],
      [{ [kernel.name]: [1] }, TypeError, /"gradient" of variable.*body\/kernel/],
      [
        { integers: good },
        TypeError,
        /"dtype" of variable "integers": expected float32, got int32/,
      ],
      [{ [kernel.name]: good, [bias.name]: bad }, AshlarError, /body\/bias/],
    ];
  for (const [gradients, kind, words] of cases) {
    refused(() => optimizer.applyGradients(gradients as never), kind, words);
    assert.is(differingBits(kernel.dataSync(), before[0] as Float32Array), -1, String(words));
    assert.is(optimizer.iterations, 1);
  }
  assert.is(optimizer.ashlar?.parameter(kernel.name).step, 1);
  tf.dispose([good, flat, bad, integers]);
  optimizer.dispose();
  refused(() => optimizer.minimize(model.loss), AshlarError, /disposed/);
  model.dispose();
});

test("a step that is skipped writes nothing and does not count", () => {
  const model = makeModel(tf, realistic);
  const [kernel] = model.all;
  const optimizer = tfjs.adamW(tf, { nonFinite: "skip" });
  const bad = tf.tensor(new Float32Array(kernel.size).fill(Number.POSITIVE_INFINITY), kernel.shape);
  const before = kernel.dataSync().slice();
  optimizer.applyGradients({ [kernel.name]: bad });
  assert.is(optimizer.report?.applied, false);
  assert.is(optimizer.report?.nonFinite?.parameter, kernel.name);
  assert.is(optimizer.iterations, 0);
  assert.is(differingBits(kernel.dataSync(), before), -1);
  bad.dispose();
  optimizer.dispose();
  model.dispose();
});

test("mindFormersAdamW names the variable without a gradient", () => {
  const model = makeModel(tf, realistic);
  const optimizer = tfjs.mindFormersAdamW(tf);
  optimizer.minimize(model.loss);
  refused(
    () => optimizer.minimize(model.loss, false, model.all.slice(1)),
    RangeError,
    /body\/kernel/,
  );
  optimizer.dispose();
  model.dispose();
});

test.run();
