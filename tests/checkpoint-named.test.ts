import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, clipByValue, cosineWithWarmup, DecoupledAdamW } from "../src/index.ts";
import { rejection } from "./reference/rejection.ts";

// What the caller names for groups when a checkpoint is loaded: in force, and listed where it is
// another than the file's.

const test = suite("checkpoints: groups that the caller names");

const shapes = { a: { shape: [3] } };
const group = (more: object = {}) => [{ name: "x", params: shapes, ...more }];

test("a clip, a centralization and an initialLr of a group", async () => {
  const saved = await (await AdamW.create(group(), { centralize: true })).toBytes();
  const clip = clipByValue(1);
  const named = await AdamW.load(saved, {
    parameters: group({ clip, centralize: false, lrScale: 0.5 }),
  });
  const [{ where }] = named.loadReport?.differences ?? [];
  assert.equal(named.loadReport?.differences, [
    { where, option: "clip", file: null, given: { kind: "value", max: 1, min: -1 } },
    { where, option: "centralize", file: true, given: false },
    { where, option: "lrScale", file: 1, given: 0.5 },
    { where: 'parameter "a"', option: "lrScale", file: 1, given: 0.5 },
  ]);
});

test("initialLr counts only where lr is a function of the caller's", async () => {
  const lr = (k: number) => 0.1 / (k + 1);
  const file = await (await DecoupledAdamW.create(group({ lr, initialLr: 0.25 }))).toBytes();
  const other = await DecoupledAdamW.load(file, { parameters: group({ lr, initialLr: 0.125 }) });
  const where = 'group "x"';
  assert.equal(other.loadReport?.differences, [
    { where, option: "initialLr", file: 0.25, given: 0.125 },
  ]);
  assert.is(other.groups[0].initialLr, 0.125);
  const same = await DecoupledAdamW.load(file, { parameters: group({ lr, initialLr: 0.25 }) });
  assert.equal(same.loadReport?.differences, []);

  // A number says itself what it began from: the file's, not the default that it replaces.
  const plain = await (await DecoupledAdamW.create(group({ lr: 0.5 }))).toBytes();
  for (const options of [
    { parameters: group({ initialLr: 0.125 }) },
    { parameters: group(), initialLr: 0.125 },
  ]) {
    const loaded = await DecoupledAdamW.load(plain, options);
    assert.is(loaded.groups[0].initialLr, 0.5);
  }
});

test("a group beside what is none", async () => {
  const saved = await (await AdamW.create(group())).toBytes();
  const parameters = [...group(), 3] as never;
  const error = await rejection(AdamW.load(saved, { parameters }));
  assert.instance(error, TypeError);
  assert.match(
    (error as Error).message,
    "expected an object { params, ... } like its neighbours, got 3",
  );
});

test("a function without a name is asked for again", async () => {
  const anonymous = [(k: number) => 0.1 / (k + 1)][0];
  const file = await (await AdamW.create(shapes, { lr: anonymous })).toBytes();
  const error = await rejection(AdamW.load(file));
  assert.instance(error, TypeError);
  assert.is(
    (error as Error).message,
    '"lr" of group "default" of the checkpoint: expected the function that it was made with, got none. ' +
      "A file cannot hold it: give lr again",
  );
  const loaded = await AdamW.load(file, { lr: anonymous });
  assert.equal(loaded.loadReport?.differences, []);
});

test("a schedule that the caller names is the file's, or is not", async () => {
  const lr = () => cosineWithWarmup({ peak: 0.1, warmupSteps: 1, totalSteps: 9 });
  const file = await (await AdamW.create(group({ lr: lr() }))).toBytes();
  const same = await AdamW.load(file, { parameters: group({ lr: lr() }) });
  assert.equal(same.loadReport?.differences, []);
  const plain = await (await AdamW.create(group({ lr: 0.1 }))).toBytes();
  const other = await AdamW.load(plain, { parameters: group({ lr: lr() }) });
  assert.is(other.loadReport?.differences.length, 1);
});

test.run();
