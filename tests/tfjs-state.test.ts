import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as tfjs from "../src/adapters/tfjs/index.ts";
import {
  clipByGlobalNorm,
  cosineWithWarmup,
  families,
  layerDecay,
  noDecayOnBiasAndNorm,
} from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";
import { rejection } from "./reference/rejection.ts";
import { BACKENDS, loadTf, makeModel, type TfOptimizer, type Variable } from "./reference/tfjs.ts";

const test = suite("tfjs: state");
const tf = await loadTf();
await tf.setBackend("cpu");
await tfjs.ready();

type Ours = TfOptimizer & tfjs.AshlarMembers;
const FAMILY: Record<string, () => Ours> = {
  adamW: () =>
    tfjs.adamW(tf, {
      lr: cosineWithWarmup({ peak: 0.02, warmupSteps: 3, totalSteps: 30 }),
      amsgrad: true,
      clip: clipByGlobalNorm(1),
      groups: [{ name: "head", match: /head_?\//, lr: 0.001, weightDecay: 0.5 }],
    }),
  adamWDL: () => tfjs.adamWDL(tf, { learningRate: 0.01, beta1: 0.8 }),
  mindFormersAdamW: () =>
    tfjs.mindFormersAdamW(tf, { learningRate: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] }),
  decoupledAdamW: () => tfjs.decoupledAdamW(tf, { lr: 0.01 }),
  "adamW, bfloat16": () => tfjs.adamW(tf, { lr: 1e-5, precision: { model: "bfloat16" } }),
};

/** The config on its way through a file, as layers models rewrite it. */
function throughFile(config: Record<string, unknown>): Record<string, unknown> {
  const snake = (text: string) =>
    text
      .replace(/(.)([A-Z][a-z0-9]+)/g, "$1_$2")
      .replace(/([a-z])([A-Z])/g, "$1_$2")
      .toLowerCase();
  const camel = (text: string) => text.replace(/[_]+(\w|$)/g, (_, letter) => letter.toUpperCase());
  const entries = Object.entries(config).map(([key, value]) => [
    camel(snake(key)),
    camel(snake(String(value))),
  ]);
  return JSON.parse(JSON.stringify(Object.fromEntries(entries)));
}

function again(optimizer: Ours): Ours {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const [cls, fromConfig] = classNameMap[optimizer.getClassName()];
  const make = fromConfig as (cls: unknown, config: object) => TfOptimizer;
  return make(cls, throughFile(optimizer.getConfig())) as Ours;
}

const step = (optimizer: Ours, variables: readonly Variable[], seed: number) => {
  const gradients = variables.map(({ name, size, shape }, index) => ({
    name,
    tensor: tf.tensor(realistic(size, seed + index), shape),
  }));
  optimizer.applyGradients(gradients);
  tf.dispose(gradients.map(({ tensor }) => tensor));
};

for (const backend of BACKENDS) {
  for (const [name, make] of Object.entries(FAMILY)) {
    test(`${name}: what is saved and loaded goes on with the same bits, on ${backend}`, async () => {
      await tf.setBackend(backend);
      const [here, there] = [makeModel(tf, realistic), makeModel(tf, realistic)];
      const first = make();
      for (let i = 0; i < 3; i++) step(first, here.all, 10 * i);
      if (first.ashlar && name === "adamW") first.ashlar.groups[1].lr = 0.003;
      const saved = await first.getWeights();
      assert.is(saved[0].name, "iter");
      assert.is(saved[0].tensor.dataSync()[0], 3);
      const names = saved.map((each) => each.name);
      for (const { name: variable } of here.all) {
        for (const ending of name === "adamW" ? ["m", "v", "vmax"] : ["m", "v"]) {
          assert.ok(names.includes(`${variable}/${ending}`), `${variable}/${ending}`);
        }
      }
      const second = again(first);
      // As a model that is loaded beside the first: the same names, with an ending.
      const renamed = saved.map(({ name, tensor }) => ({ name, tensor }));
      await second.setWeights(renamed);
      tf.dispose(saved.map(({ tensor }) => tensor));
      assert.is(second.iterations, 3);
      const twins = here.all.map((variable) =>
        tf.tidy(() => tf.variable(variable.clone(), true, `${variable.name}_1`)),
      );
      for (let i = 3; i < 6; i++) {
        step(first, here.all, 10 * i);
        step(second, twins, 10 * i);
      }
      assert.is(second.ashlar?.digest(), first.ashlar?.digest());
      assert.equal(
        twins.map((variable) => variable.dataSync()),
        here.all.map((variable) => variable.dataSync()),
      );
      assert.equal(
        second.ashlar?.groups.map(({ lr }) => String(lr)),
        first.ashlar?.groups.map(({ lr }) => String(lr)),
      );
      tf.dispose(twins);
      for (const each of [first, second, here, there]) each.dispose();
    });
  }
}

test("state of variables that are frozen after loading waits for them", async () => {
  await tf.setBackend("cpu");
  const model = makeModel(tf, realistic);
  const first = tfjs.adamW(tf);
  for (let i = 0; i < 2; i++) step(first, model.all, i);
  const saved = await first.getWeights();
  const second = tfjs.adamW(tf);
  await second.setWeights(saved);
  tf.dispose(saved.map(({ tensor }) => tensor));
  step(second, model.all.slice(2), 5);
  step(second, model.all, 6);
  const steps = model.all.map(({ name }) => second.ashlar?.parameter(name).step);
  assert.equal(steps, [3, 3, 4, 4]);
  for (const each of [first, second, model]) each.dispose();
});

test("numbered variables go by their order, and a name that nothing fits is an error", async () => {
  const tensors = [3, 4, 3].map((length, i) => tf.tensor(realistic(length, i + 1)));
  const number = () => tensors.map((tensor) => tf.variable(tensor));
  const [here, there] = [number(), number()];
  const first = tfjs.adamW(tf);
  step(first, here, 1);
  const saved = await first.getWeights();
  const second = tfjs.adamW(tf);
  await second.setWeights(saved);
  step(first, here, 2);
  tf.dispose(there);
  const fresh = here.map((variable) => tf.variable(variable));
  step(second, fresh, 3);
  assert.equal(second.ashlar?.parameterNames, first.ashlar?.parameterNames);
  const third = tfjs.adamW(tf);
  await third.setWeights(saved);
  const stranger = tf.tidy(() => tf.variable(tf.tensor([1, 2, 3]), true, "stranger"));
  assert.throws(
    () => step(third, [stranger], 1),
    /"name" of variable "stranger": expected the name of saved state.*forgetUnused/,
  );
  assert.is(third.forgetUnused().length, 3);
  step(third, [stranger], 1);
  assert.is(third.ashlar?.parameter("stranger").step, 1);
  tf.dispose([saved.map(({ tensor }) => tensor), tensors, here, fresh, stranger]);
  for (const each of [first, second, third]) each.dispose();
});

test("a new variable cannot have the name that another goes on from", async () => {
  const make = (name: string) => tf.tidy(() => tf.variable(tf.tensor([1, 2]), true, name));
  const [old, renamed] = [make("shared"), make("shared_1")];
  const first = tfjs.adamW(tf);
  step(first, [old], 1);
  const saved = await first.getWeights();
  const second = tfjs.adamW(tf);
  await second.setWeights(saved);
  step(second, [renamed], 1);
  assert.throws(() => step(second, [old], 1), /"name" of variable "shared".*variable "shared_1"/);
  step(second, [renamed], 2);
  assert.is(second.ashlar?.parameter("shared").step, 3);
  tf.dispose([saved.map(({ tensor }) => tensor), old, renamed]);
  for (const each of [first, second]) each.dispose();
});

test("an optimizer that has not stepped is saved and loaded", async () => {
  const optimizer = tfjs.adamW(tf);
  const saved = await optimizer.getWeights();
  assert.equal(
    saved.map(({ name }) => name),
    ["iter"],
  );
  await again(optimizer).setWeights(saved);
  tf.dispose(saved.map(({ tensor }) => tensor));
});

test("weights of another optimizer, and damaged ones, are named", async () => {
  const model = makeModel(tf, realistic);
  const optimizer = tfjs.adamW(tf);
  const adam = tf.train.adam(0.1, 0.9, 0.999, 1e-8);
  adam.minimize(model.loss, false, model.all);
  const foreign = await adam.getWeights();
  assert.match((await rejection(optimizer.setWeights(foreign))).message, /"ashlar\/state"/);
  step(optimizer, model.all, 1);
  const own = await optimizer.getWeights();
  const lacking = own.filter(({ name }) => name !== `${model.all[1].name}/v`);
  assert.match((await rejection(optimizer.setWeights(lacking))).message, /body\/bias\/v/);
  tf.dispose([foreign.map(({ tensor }) => tensor).slice(0, 1), own.map(({ tensor }) => tensor)]);
  for (const each of [optimizer, adam, model]) each.dispose();
});

test("functions go by name: registered before saving, or by their option at loading", () => {
  const onlyKernels = ({ name }: { name: string }) => name.endsWith("kernel");
  const match = (name: string) => name.includes("head");
  const make = () =>
    tfjs.adamW(tf, {
      decays: onlyKernels,
      lrScale: layerDecay({ rate: 0.5, layerOf: () => "head" }),
      groups: [{ name: "Head_1", match, lr: 0.5 }],
    });
  assert.throws(() => again(make()), /"decays" of the config of AshlarAdamW.*register/);
  tfjs.register(tf, { decays: onlyKernels, lrScale: layerDecay({ rate: 0.5, layerOf: () => 0 }) });
  assert.throws(() => again(make()), /"Head_1.match" of the config/);
  tfjs.register(tf, { headOnly: match });
  const config = again(make()).getConfig();
  assert.match(String(config.ashlar), /"\$function":"head\\u004fnly"/);
});

test("built-in rules, schedules, patterns and lists of names need no registering", () => {
  const optimizer = tfjs.decoupledAdamW(tf, {
    lr: cosineWithWarmup({ peak: 5e-4, warmupSteps: 10, totalSteps: 1000 }),
    decays: noDecayOnBiasAndNorm,
    lrScale: layerDecay({ rate: 0.8, layerOf: families.bert }),
    groups: [
      { name: "a_B", match: /^Dense_\d+\/kernel$/i, eps: 1e-6 },
      { name: "É", match: ["dense_Dense1/kernel"] },
    ],
  });
  assert.is(again(optimizer).getConfig().ashlar, optimizer.getConfig().ashlar);
  assert.not.match(String(optimizer.getConfig().ashlar), /[A-Z_]|[^ -~]/);
});

test.run();
