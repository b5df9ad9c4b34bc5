import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  AdamWDL,
  CheckpointError,
  clipByGlobalNorm,
  clipByNorm,
  DecoupledAdamW,
  dynamicLossScale,
  MindFormersAdamW,
} from "../src/index.ts";
import type { Optimizer } from "../src/optimizers/optimizer.ts";
import { reduceOnPlateau } from "../src/schedules/index.ts";
import { realistic } from "./reference/patterns.ts";
import { plainCheckpoint, readPlain } from "./reference/plain-checkpoint.ts";
import { rejection } from "./reference/rejection.ts";

// Ways to go on otherwise than the run would have, or to leave something behind.

const test = suite("checkpoints: what may not get lost");

const shapes = () => ({ a: { shape: [3], data: realistic(3, 1) }, b: { shape: [2, 2] } });
const gradients = (k: number) => ({ a: realistic(3, 10 + k), b: realistic(4, 20 + k) });

function goOnAlike(straight: Optimizer, loaded: Optimizer): void {
  assert.equal(loaded.loadReport?.differences, []);
  assert.is(loaded.configDigest(), straight.configDigest());
  for (let k = 5; k < 8; k++) {
    for (const each of [straight, loaded]) each.step(gradients(k));
  }
  assert.is(loaded.digest(), straight.digest());
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a file may say
type State = any;

async function edited(optimizer: Optimizer, change: (state: State) => void): Promise<Uint8Array> {
  const { metadata, tensors } = readPlain(await optimizer.toBytes());
  const state = JSON.parse(metadata["ashlar.state"]);
  change(state);
  return plainCheckpoint(JSON.stringify(state), tensors);
}

test("the rate that lr began from stays, however lr is named again", async () => {
  const falling = (k: number) => 0.1 / (k + 1);
  // A function that became a number: nobody knows what it began from.
  const unknown = await AdamW.create(shapes(), { lr: falling });
  unknown.groups[0].lr = 0.1;
  goOnAlike(unknown, await AdamW.load(await unknown.toBytes()));
  // A number that became a function, which is asked for again.
  for (const of of [AdamW, DecoupledAdamW]) {
    const saved = await of.create(shapes(), { lr: 0.5, weightDecay: 1e-4 });
    saved.groups[0].lr = falling;
    saved.step(gradients(0));
    goOnAlike(saved, await of.load(await saved.toBytes(), { lr: falling }));
  }
  // A number, named as it is.
  const saved = await DecoupledAdamW.create(shapes(), { lr: 0.5, weightDecay: 1e-4 });
  saved.groups[0].lr = 0.25;
  goOnAlike(saved, await DecoupledAdamW.load(await saved.toBytes(), { lr: 0.25 }));
});

test("each group of DecoupledAdamW keeps its own initialLr under a new function", async () => {
  const { a, b } = shapes();
  const saved = await DecoupledAdamW.create([
    { name: "x", params: { a }, lr: 0.5 },
    { name: "y", params: { b } },
  ]);
  const file = await saved.toBytes();
  const lr = () => 0.1;
  const parameters = [
    { name: "y", params: { b }, lr },
    { name: "x", params: { a }, lr },
  ];
  const loaded = await DecoupledAdamW.load(file, { parameters });
  assert.equal(
    loaded.groups.map(({ initialLr }) => initialLr),
    [1e-3, 0.5],
  );
  const named = await DecoupledAdamW.load(file, { parameters, initialLr: 0.2 });
  assert.equal(
    named.groups.map(({ initialLr }) => initialLr),
    [0.2, 0.2],
  );
  // A group that the file lacks has none to go on from.
  const other = [{ name: "z", params: { a, b }, lr }];
  const error = await rejection(DecoupledAdamW.load(file, { parameters: other }));
  assert.match(error.message, /"initialLr" of group "z": expected a number/);
});

test("AdamWDL: one named beta leaves the other; differences have its own names", async () => {
  const parameters = Object.entries(shapes()).map(([name, spec]) => ({ name, ...spec }));
  const saved = await AdamWDL.create({ parameters });
  saved.groups[0].betas = [0.8, 0.95];
  const options = { beta1: 0.5, learningRate: 0.25, epsilon: 1e-4 };
  const loaded = await AdamWDL.load(await saved.toBytes(), options);
  assert.equal(loaded.groups[0].betas, [0.5, 0.95]);
  assert.equal(loaded.loadReport?.differences, [
    { where: "the options", option: "learningRate", file: 1e-3, given: 0.25 },
    { where: "the options", option: "beta1", file: 0.8, given: 0.5 },
    { where: "the options", option: "epsilon", file: 1e-8, given: 1e-4 },
  ]);
});

test("AdamWDL: null for setParamLrFun is another rule, and is told", async () => {
  const parameters = [{ name: "encoder.layers.0.w", shape: [2] }];
  const saved = await AdamWDL.create({ parameters, layerwiseDecay: 0.5 });
  const loaded = await AdamWDL.load(await saved.toBytes(), { setParamLrFun: null });
  assert.is(loaded.parameter("encoder.layers.0.w").lrScale, 1);
  assert.equal(
    loaded.loadReport?.differences.map(({ option }) => option),
    ["setParamLrFun", "lrScale"],
  );
});

test("what is said in other words is no difference", async () => {
  const precision = { model: "float16", gradients: "float16" } as const;
  const saved = await AdamW.create(shapes(), { precision, clip: clipByGlobalNorm(1) });
  const loaded = await AdamW.load(await saved.toBytes(), {
    precision: { gradients: "float16", master: true, model: "float16" },
    clip: { max: 1, kind: "globalNorm" } as never,
  });
  assert.equal(loaded.loadReport?.differences, []);
});

test("masters that are not wanted any more leave what the copy says", async () => {
  const saved = await AdamW.create(shapes(), { precision: { model: "bfloat16" } });
  for (let k = 0; k < 3; k++) saved.step(gradients(k));
  const precision = { model: "bfloat16", master: false } as const;
  const loaded = await AdamW.load(await saved.toBytes(), { precision });
  const bits = (values: Float32Array) => [...new Uint32Array(values.slice().buffer)];
  const { master, model } = loaded.parameter("b");
  assert.equal(
    bits(master),
    [...(model ?? [])].map((half) => (half << 16) >>> 0),
  );
  // And where there were none, what the caller wrote there comes back.
  loaded.parameter("b").master[0] = 0.1;
  const again = await AdamW.load(await loaded.toBytes());
  assert.is(again.digest(), loaded.digest());
});

test("what a group is given besides its rates is told", async () => {
  const own = { amsgrad: true, centralize: true, lrScale: 0.5 };
  const group = { name: "x", params: shapes(), clip: clipByNorm(1), ...own };
  const saved = await AdamW.create([group], { amsgrad: true });
  const file = await saved.toBytes();
  const same = await AdamW.load(file, { parameters: [group] });
  assert.equal(same.loadReport?.differences, []);
  const other = { amsgrad: false, centralize: false, lrScale: 1, clip: clipByNorm(2) };
  const loaded = await AdamW.load(file, { parameters: [{ ...group, ...other }] });
  assert.equal(
    loaded.loadReport?.differences.slice(0, 4).map(({ where, option }) => `${where} ${option}`),
    ['group "x" clip', 'group "x" amsgrad', 'group "x" centralize', 'group "x" lrScale'],
  );
});

test("parameters without groups go on as the only group did, with all that it had", async () => {
  const own = { amsgrad: true, centralize: true, lrScale: 0.5, lr: 0.25, clip: clipByNorm(1) };
  const saved = await AdamW.create([{ name: "x", params: shapes(), ...own }]);
  for (let k = 0; k < 3; k++) saved.step(gradients(k));
  const loaded = await AdamW.load(await saved.toBytes(), { parameters: shapes() });
  assert.equal(loaded.loadReport?.differences, []);
  for (const each of [saved, loaded]) each.step(gradients(4));
  assert.is(loaded.digest(), saved.digest());
});

test("a group that the file lacks asks for the function that all had", async () => {
  const { a, b } = shapes();
  const groups = [
    { name: "x", params: { a } },
    { name: "y", params: { b } },
  ];
  const saved = await AdamW.create(groups, {
    lr: function falling() {
      return 0.5;
    },
  });
  const error = await rejection(AdamW.load(await saved.toBytes(), { parameters: shapes() }));
  assert.instance(error, TypeError);
  assert.match(error.message, '"lr" of the checkpoint: expected the function falling');
});

test("clips that answers otherwise is refused", async () => {
  const clips = ({ name }: { name: string }) => name === "a";
  const saved = await AdamW.create(shapes(), { clip: clipByNorm(0.1), clips });
  const file = await saved.toBytes();
  goOnAlike(saved, await AdamW.load(file, { clips }));
  const error = (await rejection(AdamW.load(file, { clips: () => true }))) as CheckpointError;
  assert.is(error.reason, "OTHER_ANSWER");
  assert.match(error.message, '"clips" of parameter "b": expected false, as when it was saved');
  const loaded = await AdamW.load(file, { clips: () => true, strict: false });
  assert.equal(
    loaded.loadReport?.differences.map(({ where, option }) => [where, option]),
    [['parameter "b"', "clips"]],
  );
});

test("options that the caller changes afterwards are saved as they were", async () => {
  const betas: [number, number] = [0.8, 0.9];
  const precision: { model: "float16"; master?: boolean } = { model: "float16" };
  const saved = await AdamW.create(shapes(), { betas, precision });
  betas[0] = 5;
  precision.master = false;
  goOnAlike(saved, await AdamW.load(await saved.toBytes()));
  const nameDict: Record<string, string> = { a: "encoder.layers.0", b: "embedding" };
  const parameters = Object.entries(shapes()).map(([name, spec]) => ({ name, ...spec }));
  const other = await AdamWDL.create({ parameters, nameDict, layerwiseDecay: 0.5 });
  nameDict.a = "head";
  goOnAlike(other, await AdamWDL.load(await other.toBytes()));
});

test("a beta of -0 is 0, also before it was saved", async () => {
  const saved = await AdamW.create(shapes(), { betas: [-0, -0] });
  const negative = { a: new Float32Array(3).fill(-0), b: new Float32Array(4).fill(-0) };
  saved.step(gradients(0));
  const loaded = await AdamW.load(await saved.toBytes());
  for (const each of [saved, loaded]) each.step(negative);
  assert.is(loaded.digest(), saved.digest());
});

test("a refused load leaves the caller's loss scale and schedules as they were", async () => {
  const settings = { initialScale: 4, growthInterval: 1 };
  const schedule = () => reduceOnPlateau({ lr: 0.1, patience: 0 });
  const lr = schedule();
  const saved = await AdamW.create(shapes(), { lr, lossScale: dynamicLossScale(settings) });
  lr.observe(1);
  saved.step(gradients(0));
  const good = await saved.toBytes();
  const bad = good.slice();
  bad[bad.length - 1] ^= 1;
  const own = { lr: schedule(), lossScale: dynamicLossScale(settings) };
  const error = (await rejection(AdamW.load(bad, own))) as CheckpointError;
  assert.is(error.reason, "WRONG_CRC");
  assert.equal(own.lossScale.state(), dynamicLossScale(settings).state());
  assert.equal(own.lr.state(), schedule().state());
  // And free for the next.
  const loaded = await AdamW.load(good, own);
  assert.equal([own.lossScale.scale, own.lr.state().best], [8, 1]);
  goOnAlike(saved, loaded);
});

test("states that others wrote in another order go on all the same", async () => {
  const settings = { initialScale: 4, growthInterval: 1 };
  const lr = reduceOnPlateau({ lr: 0.1, patience: 2 });
  const saved = await AdamW.create(shapes(), { lr, lossScale: dynamicLossScale(settings) });
  lr.observe(4);
  saved.step(gradients(0));
  const turned = (of: object) => Object.fromEntries(Object.entries(of).reverse());
  const file = await edited(saved, (state) => {
    const { $lossScale } = state.options.lossScale;
    $lossScale.settings = turned($lossScale.settings);
    state.schedules[0].data.options = turned(state.schedules[0].data.options);
  });
  assert.is((await AdamW.load(file)).lossScale?.scale, 8);
  const again = reduceOnPlateau({ lr: 0.1, patience: 2 });
  const loaded = await AdamW.load(file, { lr: again, lossScale: dynamicLossScale(settings) });
  assert.equal(loaded.loadReport?.differences, []);
  assert.is(loaded.lossScale?.scale, 8);
  assert.is(again.state().best, 4);
});

test("sums are saved in the order of the parameters, whatever order they came in", async () => {
  const saved = await AdamW.create(shapes());
  const { a, b } = gradients(0);
  for (const each of [{ b }, { a, b }]) saved.accumulate(each);
  const file = await saved.toBytes();
  const loaded = await AdamW.load(file);
  assert.ok(Buffer.compare(await loaded.toBytes(), file) === 0, "the same file");
  for (const each of [saved, loaded]) each.accumulate({ a });
  assert.ok(Buffer.compare(await loaded.toBytes(), await saved.toBytes()) === 0);
});

test("states that contradict their options are refused", async () => {
  const plain = await AdamW.create(shapes(), { amsgrad: true, lossScale: dynamicLossScale() });
  plain.step(gradients(0));
  const mind = await MindFormersAdamW.create(shapes());
  mind.step(gradients(0));
  const decoupled = await DecoupledAdamW.create(shapes());
  const cases: [typeof AdamW, Optimizer, (state: State) => unknown, RegExp][] = [
    [AdamW, plain, (s: State) => delete s.options.amsgrad, /amsgrad of "default".*expected false/],
    [AdamW, plain, (s: State) => (s.lossScale.scale = -1), /loss scale: "scale".*got -1/],
    [
      MindFormersAdamW as never,
      mind,
      (s: State) => (s.parameters[0].step = 0),
      /expected steps, 1/,
    ],
    [DecoupledAdamW as never, decoupled, (s: State) => (s.groups[0].initialLr = null), /initialLr/],
  ];
  for (const [of, optimizer, change, message] of cases) {
    const error = await rejection(of.load(await edited(optimizer, change)));
    assert.instance(error, CheckpointError);
    assert.is((error as CheckpointError).reason, "BAD_STATE");
    assert.match(error.message, message);
  }
});

test.run();
