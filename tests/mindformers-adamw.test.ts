import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  cosineWithWarmup,
  MindFormersAdamW,
  type MindFormersAdamWOptions,
} from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";
import { assertRefused, warningsOf } from "./reference/refused.ts";

const test = suite("MindFormersAdamW");

const NAMES = ["norm.weight", "fc1.weight", "fc2.weight"] as const;
const weights = () => Object.fromEntries(NAMES.map((name, i) => [name, realistic(11, i + 1)]));
const gradientsAt = (k: number) =>
  Object.fromEntries(NAMES.map((name, i) => [name, realistic(11, 10 * k + i + 5)]));
const make = (options: MindFormersAdamWOptions = {}) => new MindFormersAdamW(weights(), options);
const groupOf = (name: string) => ({ params: { [name]: weights()[name] } });

test("the example of the documentation runs line by line", () => {
  const net = {
    trainableParams: () =>
      NAMES.map((name, i) => ({ name, shape: [11], data: realistic(11, i + 1) })).reverse(),
  };
  // 1) All parameters use the same learning rate and weight decay
  const same = new MindFormersAdamW(net.trainableParams());
  assert.equal(
    same.describe().parameters.map(({ group }) => group),
    ["default", "default", "default"],
  );

  // 2) Use parameter groups and set different values
  const layernormParams = net.trainableParams().filter((x) => x.name.includes("norm"));
  const noLayernormParams = net.trainableParams().filter((x) => !x.name.includes("norm"));
  const groupParams = [
    { params: layernormParams, weightDecay: 0.01 },
    { params: noLayernormParams, lr: 0.01 },
    { orderParams: net.trainableParams() },
  ];
  const optim = new MindFormersAdamW(groupParams, { learningRate: 0.1, weightDecay: 0.0 });
  // The layernormParams's parameters will use default learning rate of 0.1 and weight decay of 0.01.
  // The noLayernormParams's parameters will use learning rate of 0.01 and default weight decay of 0.0.
  // The final parameters order in which the optimizer will be followed is the value of orderParams.
  const [layernorm, others] = optim.groups;
  assert.equal([layernorm.lr, layernorm.weightDecay], [0.1, 0.01]);
  assert.equal([others.lr, others.weightDecay], [0.01, 0]);
  assert.equal(optim.parameterNames, ["fc2.weight", "fc1.weight", "norm.weight"]);

  const gradients = gradientsAt(0);
  const report = optim.step(optim.parameterNames.map((name) => gradients[name]));
  assert.equal(report.updated, [true, true, true]);
  assert.equal(report.lr, { group0: 0.1, group1: 0.01 });
  const plain = new AdamW(
    NAMES.map((name) =>
      name.includes("norm")
        ? { ...groupOf(name), lr: 0.1, weightDecay: 0.01 }
        : { ...groupOf(name), lr: 0.01, weightDecay: 0 },
    ),
  );
  plain.step(gradients);
  assert.is(optim.digest(), plain.digest());
});

test("defaults are those of the code: eps 1e-8 (its text says 1e-6), no weight decay", () => {
  const [{ lr, weightDecay, betas, eps, amsgrad }] = make().groups;
  assert.equal(
    { lr, weightDecay, betas, eps, amsgrad },
    { lr: 1e-3, weightDecay: 0, betas: [0.9, 0.999], eps: 1e-8, amsgrad: false },
  );
});

test("gradients by list, by name and by view give the same bits", () => {
  const [byList, byName, byView] = [make(), make(), make()];
  for (let k = 0; k < 3; k++) {
    const gradients = gradientsAt(k);
    byList.step(NAMES.map((name) => gradients[name]));
    byName.step(gradients);
    for (const name of NAMES) byView.gradient(name).set(gradients[name]);
    byView.step();
  }
  assert.is(byList.digest(), byName.digest());
  assert.is(byList.digest(), byView.digest());
});

test("the order of the parameters changes no bit, and a list follows orderParams", () => {
  const given = make();
  const order = ["fc2.weight", "norm.weight", "fc1.weight"];
  const ordered = new MindFormersAdamW([{ params: weights() }, { orderParams: order }]);
  for (let k = 0; k < 3; k++) {
    const gradients = gradientsAt(k);
    given.step(gradients);
    ordered.step(order.map((name) => gradients[name]));
  }
  assert.is(ordered.digest(), given.digest());
});

test("a missing gradient is refused by name, and nothing changes", () => {
  const message =
    '"gradient" of parameter "fc1.weight": expected a Float32Array in every step, got none. ' +
    "MindFormersAdamW counts one step for all of its parameters";
  const optimizer = make();
  const before = optimizer.digest();
  const { "fc1.weight": fc1, ...others } = gradientsAt(0);
  const list = [others["norm.weight"], null, others["fc2.weight"]];
  for (const gradients of [others, { ...others, "fc1.weight": null }, list]) {
    assertRefused(() => optimizer.step(gradients), RangeError, message);
    assert.is(optimizer.digest(), before);
  }
  optimizer.step({ ...others, "fc1.weight": fc1 });
  assert.is(optimizer.steps, 1);
  optimizer.accumulate(others);
  assertRefused(() => optimizer.step(), RangeError, message);
  optimizer.accumulate({ "fc1.weight": fc1 });
  assert.is(optimizer.step().step, 2);
});

test("all parameters count the optimizer's steps; a skipped step counts for none", () => {
  const optimizer = make({ nonFinite: "skip" });
  optimizer.step(gradientsAt(0));
  const before = optimizer.digest();
  const bad = { ...gradientsAt(1), "fc1.weight": new Float32Array(11).fill(Number.NaN) };
  const report = optimizer.step(bad);
  assert.is(report.applied, false);
  assert.equal(report.updated, [false, false, false]);
  assert.is(optimizer.digest(), before);
  optimizer.step(gradientsAt(1));
  assert.equal(
    NAMES.map((name) => optimizer.parameter(name).step),
    [2, 2, 2],
  );
});

test("vectors are read whole at construction, from arrays, typed arrays and iterables", () => {
  const values = [0.25, 0.5, 0.125];
  function* generated() {
    yield* values;
  }
  for (const learningRate of [values, Float32Array.from(values), new Set(values), generated()]) {
    const optimizer = make({ learningRate });
    const rates = values.map((_, k) => optimizer.step(gradientsAt(k)).lr.default);
    assert.equal(rates, values);
  }
  const changed = [...values];
  const optimizer = make({ learningRate: changed });
  changed.fill(9);
  assert.is(optimizer.step(gradientsAt(0)).lr.default, 0.25);
  assert.is(optimizer.groups[0].initialLr, 0.25);
});

test("past the end of a vector the step is refused, and nothing changes", () => {
  const optimizer = new MindFormersAdamW([
    { ...groupOf("norm.weight"), name: "norm", lr: [0.1, 0.2] },
    groupOf("fc1.weight"),
  ]);
  const { "fc2.weight": _, ...gradients } = gradientsAt(0);
  optimizer.step(gradients);
  optimizer.step(gradients);
  const before = optimizer.digest();
  const message =
    '"lr" of group "norm": expected a value for step 2, got a vector of 2 values, for steps 0 to ' +
    "1. Give a longer vector, or a schedule";
  assertRefused(() => optimizer.step(gradients), RangeError, message);
  assert.is(optimizer.digest(), before);
  assert.is(optimizer.steps, 2);
});

test("a vector of one element is a constant, and says so", () => {
  const lines = warningsOf(() => {
    const optimizer = make({ learningRate: Float32Array.of(0.25) });
    for (let k = 0; k < 3; k++) assert.is(optimizer.step(gradientsAt(k)).lr.default, 0.25);
  });
  assert.equal(lines, [
    'ashlar: "learningRate" of the options has one element and is taken as a constant, 0.25',
  ]);
});

test("weightDecay is a number, whole or not, or a schedule of the global step, for groups too", () => {
  const decay = (k: number) => [0.5, 0, 0.25][k];
  const optimizer = new MindFormersAdamW(
    [groupOf("norm.weight"), { ...groupOf("fc1.weight"), weightDecay: 1 }],
    { learningRate: 0.5, weightDecay: decay },
  );
  const zeros = { "norm.weight": new Float32Array(11), "fc1.weight": new Float32Array(11) };
  let [norm, fc1] = [weights()["norm.weight"], weights()["fc1.weight"]];
  for (let k = 0; k < 3; k++) {
    optimizer.step(zeros);
    norm = norm.map((p) => p - Math.fround(p * (0.5 * decay(k))));
    fc1 = fc1.map((p) => p - Math.fround(p * 0.5));
    assert.is(differingBits(optimizer.parameter("norm.weight").master, norm), -1, `step ${k}`);
    assert.is(differingBits(optimizer.parameter("fc1.weight").master, fc1), -1, `step ${k}`);
  }
});

test("learningRate may be a schedule: the first step uses its value at 0", () => {
  const schedule = cosineWithWarmup({ peak: 0.1, warmupSteps: 2, totalSteps: 9 });
  const optimizer = make({ learningRate: schedule, weightDecay: 0.5 });
  optimizer.step(gradientsAt(0));
  for (const name of NAMES) {
    assert.is(differingBits(optimizer.parameter(name).master, weights()[name]), -1);
    assert.ok(optimizer.parameter(name).expAvg.some((m) => m !== 0));
  }
});

test("useFused allows amsgrad, maximize and a beta of 0", () => {
  const options = { amsgrad: true, maximize: true, betas: [0, 0.5] } as const;
  const fused = make({ useFused: true, ...options });
  const plain = new AdamW(weights(), { ...options, weightDecay: 0 });
  for (let k = 0; k < 4; k++) {
    fused.step(gradientsAt(k));
    plain.step(gradientsAt(k));
  }
  assert.is(fused.digest(), plain.digest());
});

test("an lr scale multiplies the whole step, as documented too", () => {
  for (const arithmetic of ["intended", "documented", "executed"] as const) {
    const scaled = make({ learningRate: 0.5, weightDecay: 0.125, lrScale: () => 0.25, arithmetic });
    const small = make({ learningRate: 0.125, weightDecay: 0.125, arithmetic });
    for (let k = 0; k < 3; k++) {
      scaled.step(gradientsAt(k));
      small.step(gradientsAt(k));
    }
    assert.is(scaled.digest(), small.digest(), arithmetic);
  }
});

test("the config digest tells arithmetics, rates and vectors apart", () => {
  const changes: MindFormersAdamWOptions[] = [
    {},
    { arithmetic: "documented" },
    { arithmetic: "executed" },
    { learningRate: [0.1, 0.2] },
    { learningRate: [0.1, 0.3] },
    { weightDecay: 0.1 },
    { useFused: true, amsgrad: true },
    { useFused: true, maximize: true },
  ];
  assert.is(new Set(changes.map((change) => make(change).configDigest())).size, changes.length);
});

test("closures report updated too, awaited or not", async () => {
  const optimizer = make();
  const write = () => {
    for (const [name, gradient] of Object.entries(gradientsAt(0))) {
      optimizer.gradient(name).set(gradient);
    }
    return 0.5;
  };
  const direct = optimizer.step(write);
  assert.equal([direct.loss, direct.updated], [0.5, [true, true, true]]);
  const awaited = await optimizer.stepAsync(async () => write());
  assert.equal([awaited.step, awaited.loss, awaited.updated], [2, 0.5, [true, true, true]]);
  optimizer.step(gradientsAt(1), { metrics: true });
  assert.type(optimizer.metrics()?.["l2_norm/update/fc1.weight"], "number");
});

test("create compiles the core first", async () => {
  const optimizer = await MindFormersAdamW.create(weights(), { learningRate: 0.5 });
  assert.equal(optimizer.step(gradientsAt(0)).updated, [true, true, true]);
  assert.ok(optimizer instanceof MindFormersAdamW);
});

test.run();
