import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  AdamWDL,
  type AdamWLoadOptions,
  clipByGlobalNorm,
  cosineWithWarmup,
  DecoupledAdamW,
  dynamicLossScale,
  layerDecay,
} from "../src/index.ts";
import { lambda } from "../src/schedules/index.ts";
import { realistic } from "./reference/patterns.ts";
import { rejection } from "./reference/rejection.ts";

const test = suite("checkpoints: options");

const shapes = { a: { shape: [3] }, b: { shape: [2, 2] } };
const gradients = { a: realistic(3, 1), b: realistic(4, 2) };

async function saved(options = {}, parameters: never | object = shapes) {
  const optimizer = await AdamW.create(parameters as typeof shapes, options);
  for (let k = 0; k < 3; k++) optimizer.step(gradients);
  return optimizer.toBytes();
}

test("what the caller names wins, and the report says what was there", async () => {
  const file = await saved({ lr: 0.5, eps: 1e-6, clip: clipByGlobalNorm(2), gradNorm: true });
  const loaded = await AdamW.load(file, {
    lr: cosineWithWarmup({ peak: 0.1, warmupSteps: 1, totalSteps: 9 }),
    clip: clipByGlobalNorm(1),
    eps: 1e-6,
    nonFinite: "skip",
    threads: 1,
  });
  assert.equal(loaded.loadReport?.differences, [
    {
      where: "the options",
      option: "clip",
      file: { kind: "globalNorm", max: 2, formula: null },
      given: { kind: "globalNorm", max: 1, formula: null },
    },
    { where: "the options", option: "nonFinite", file: "throw", given: "skip" },
    {
      where: 'group "default"',
      option: "lr",
      file: 0.5,
      given: {
        $schedule: {
          name: "cosineWithWarmup",
          options: { peak: 0.1, warmupSteps: 1, totalSteps: 9, floor: 0, start: 0 },
        },
      },
    },
  ]);
  assert.is(loaded.groups[0].eps, 1e-6);
  assert.ok(loaded.step(gradients).gradNorm, "what was not named is the checkpoint's");
});

test("an option of all counts for the groups that had none for themselves", async () => {
  const file = await saved({ lr: 0.5 }, [
    { name: "own", params: { a: shapes.a }, lr: 0.25 },
    { name: "common", params: { b: shapes.b } },
  ]);
  const loaded = await AdamW.load(file, { lr: 0.125 });
  assert.equal(
    loaded.groups.map(({ lr }) => lr),
    [0.25, 0.125],
  );
  // And still after it was saved and loaded once more.
  const again = await AdamW.load(await loaded.toBytes(), { lr: 0.0625 });
  assert.equal(
    again.groups.map(({ lr }) => lr),
    [0.25, 0.0625],
  );
});

test("a group is found by its name; what it names wins, the rest is the checkpoint's", async () => {
  const file = await saved({}, [
    { name: "x", params: { a: shapes.a }, lr: 0.25, weightDecay: 0.5, amsgrad: true },
    { name: "y", params: { b: shapes.b } },
  ]);
  const loaded = await AdamW.load(file, {
    parameters: [
      { name: "y", params: { a: shapes.a } },
      { name: "x", params: { b: shapes.b }, weightDecay: 0.75 },
    ],
  });
  const [y, x] = loaded.groups;
  assert.equal([y.lr, y.weightDecay, y.amsgrad], [1e-3, 0.01, false]);
  assert.equal([x.lr, x.weightDecay, x.amsgrad], [0.25, 0.75, true]);
  assert.equal(loaded.loadReport?.differences, [
    { where: 'group "x"', option: "weightDecay", file: 0.5, given: 0.75 },
  ]);
  assert.equal([...(loaded.parameter("b").maxExpAvgSq ?? [])], [0, 0, 0, 0], "begins anew");
});

test("functions of the caller's must be given again, and are asked for by name", async () => {
  const falling = (k: number) => 1 / (k + 1);
  const onlyA = ({ name }: { name: string }) => name === "a";
  const half = () => 0.5;
  const options = { lr: falling, decays: onlyA, lrScale: half, clips: onlyA };
  const file = await saved({ ...options, clip: clipByGlobalNorm(1) });
  for (const [option, name] of [
    ["lr", "falling"],
    ["decays", "onlyA"],
    ["lrScale", "half"],
    ["clips", "onlyA"],
  ]) {
    const { [option]: _, ...rest } = options as Record<string, unknown>;
    const error = await rejection(AdamW.load(file, rest as AdamWLoadOptions));
    assert.instance(error, TypeError);
    assert.match(error.message, `"${option}" of`);
    assert.match(error.message, `expected the function ${name} that it was made with, got none`);
  }
  const loaded = await AdamW.load(file, options);
  assert.equal(loaded.loadReport?.differences, []);
  assert.is(loaded.groups[0].lr, falling);
});

test("a schedule that holds a function, and a layer rule that does, are functions too", async () => {
  const lr = lambda({ base: 0.1, factor: (k) => 1 / (1 + k) });
  const rule = (rate: number) => layerDecay({ rate, layerOf: () => 0 as const, layers: 2 });
  const file = await saved({ lr, lrScale: rule(0.5) });
  const error = await rejection(AdamW.load(file, { lrScale: rule(0.5) }));
  assert.match(
    error.message,
    '"lr" of group "default" of the checkpoint: expected the function lambda',
  );
  assert.match(
    (await rejection(AdamW.load(file, { lr }))).message,
    '"lrScale" of the checkpoint: expected the function layerOf',
  );
  const same = await AdamW.load(file, { lr, lrScale: rule(0.5) });
  assert.equal(same.loadReport?.differences, []);
  const other = await AdamW.load(file, { lr, lrScale: rule(0.25) });
  assert.equal(
    other.loadReport?.differences.map(({ where, option }) => [where, option]),
    [
      ["the options", "lrScale"],
      ['parameter "a"', "lrScale"],
      ['parameter "b"', "lrScale"],
    ],
  );
});

test("a function that answers otherwise than it did is refused", async () => {
  const file = await saved({ decays: ({ name }: { name: string }) => name === "a" });
  const decays = () => true;
  const error = await rejection(AdamW.load(file, { decays }));
  assert.is((error as { reason?: string }).reason, "OTHER_ANSWER");
  assert.match(
    error.message,
    '"decays" of parameter "b": expected false, as when it was saved, got true',
  );
  const loaded = await AdamW.load(file, { decays, strict: false });
  assert.equal(loaded.loadReport?.differences, [
    { where: 'parameter "b"', option: "decays", file: false, given: true },
  ]);
});

test("a rate that a group had for itself and that was a function is asked of the group", async () => {
  const file = await saved({}, [{ name: "g", params: shapes, lr: (k: number) => 0.1 * (k + 1) }]);
  const error = await rejection(AdamW.load(file, { lr: 0.1 }));
  assert.match(error.message, '"lr" of group "g" of the checkpoint: expected the function lr');
  assert.match(error.message, "give lr of the group again");
  const loaded = await AdamW.load(file, { parameters: [{ name: "g", params: shapes, lr: 0.1 }] });
  assert.is(loaded.groups[0].lr, 0.1);
});

test("the loss scale goes on; a given one of the same settings too; another one begins anew", async () => {
  const settings = { initialScale: 4, growthInterval: 2 };
  const file = await saved({ lossScale: dynamicLossScale(settings) });
  assert.is((await AdamW.load(file)).lossScale?.scale, 8);
  const own = dynamicLossScale(settings);
  await AdamW.load(file, { lossScale: own });
  assert.is(own.scale, 8);
  const other = dynamicLossScale({ ...settings, initialScale: 16 });
  const loaded = await AdamW.load(file, { lossScale: other });
  assert.is(other.scale, 16);
  assert.equal(
    loaded.loadReport?.differences.map(({ option }) => option),
    ["lossScale"],
  );
});

test("another model dtype is made of the masters; one that cannot hold them is refused", async () => {
  const file = await saved({ precision: { model: "bfloat16" } });
  const loaded = await AdamW.load(file, { precision: { model: "float16" } });
  const fresh = await AdamW.create(shapes, { precision: { model: "float16" } });
  fresh.setWeights({ a: loaded.parameter("a").master, b: loaded.parameter("b").master });
  assert.equal(loaded.parameter("b").model, fresh.parameter("b").model);

  const large = await AdamW.create({ w: Float32Array.of(1e6) });
  const error = await rejection(
    AdamW.load(await large.toBytes(), { precision: { model: "float16" } }),
  );
  assert.instance(error, RangeError);
  assert.match(error.message, '"data" of parameter "w": expected values finite as float16');
});

test("unknown options are refused as at creation, and so are bad ones of load", async () => {
  const file = await saved();
  const cases: [AdamWLoadOptions, RegExp][] = [
    [{ strikt: true } as AdamWLoadOptions, /"strikt" of the options: expected one of/],
    [{ strict: 1 } as never, /"strict" of load: expected true or false, got 1/],
    [{ onProgress: 3 } as never, /"onProgress" of load: expected a function/],
    [null as never, /"options" of load: expected an object of options, got null/],
    [{ lr: -1 }, /"lr" of the options/],
  ];
  for (const [options, message] of cases) {
    assert.match((await rejection(AdamW.load(file, options))).message, message);
  }
});

test("another class's checkpoint is refused, naming both", async () => {
  const file = await saved();
  for (const load of [DecoupledAdamW.load(file), AdamWDL.load(file)]) {
    const error = await rejection(load);
    assert.is((error as { code?: string }).code, "BAD_CHECKPOINT");
    assert.is((error as { reason?: string }).reason, "OTHER_CLASS");
    assert.match(error.message, /expected "(DecoupledAdamW|AdamWDL)", got "AdamW"/);
  }
});

test("progress is told from 0 to all bytes, when saving and when loading", async () => {
  const optimizer = await AdamW.create({ w: { shape: [500_000] } });
  const told: number[] = [];
  const file = await optimizer.toBytes({
    onProgress: ({ bytes, total }) => told.push(bytes / total),
  });
  assert.is(told.at(-1), 1);
  assert.ok(told.length > 5 && told.every((share, i) => i === 0 || share >= told[i - 1]));
  const read: number[] = [];
  await AdamW.load(file, { onProgress: ({ bytes, total }) => read.push(bytes / total) });
  assert.is(read.at(-1), 1);
  assert.ok(read.length > 5 && read.every((share, i) => i === 0 || share >= read[i - 1]));
});

test.run();
