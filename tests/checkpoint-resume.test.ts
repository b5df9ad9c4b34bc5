import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  AdamWDL,
  clipByGlobalNorm,
  cosineWithWarmup,
  DecoupledAdamW,
  dynamicLossScale,
  families,
  type LoadSource,
  layerDecay,
  MindFormersAdamW,
  noDecayOnBiasAndNorm,
} from "../src/index.ts";
import type { Optimizer } from "../src/optimizers/optimizer.ts";
import {
  chained,
  constant,
  exponential,
  greedy,
  linearWithWarmup,
  type MetricSchedule,
  reduceOnPlateau,
} from "../src/schedules/index.ts";
import { givenAgain, makeRun, runTicks } from "./reference/checkpoint-run.ts";
import { realistic } from "./reference/patterns.ts";

const test = suite("checkpoints: going on");

const SHAPES = { "a.weight": [7, 33], "a.bias": [33], "b.weight": [5000], "c.weight": [3, 2] };
const parameters = () =>
  Object.entries(SHAPES).map(([name, shape], i) => ({
    name,
    shape,
    data: realistic(
      shape.reduce((a, b) => a * b, 1),
      i + 1,
    ),
  }));

function steps(optimizer: Optimizer, from: number, to: number): void {
  for (let k = from; k < to; k++) {
    const gradients = Object.entries(SHAPES).map(([name, shape], i) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return [name, realistic(length, 100 * k + i)];
    });
    optimizer.step(Object.fromEntries(gradients));
  }
}

/** The header's text, for a readable difference. */
function headerOf(file: Uint8Array): string {
  const length = new DataView(file.buffer).getBigUint64(0, true);
  return new TextDecoder().decode(file.subarray(8, 8 + Number(length)));
}

interface Case {
  readonly title: string;
  readonly make: () => Promise<Optimizer>;
  readonly load: (source: LoadSource) => Promise<Optimizer>;
}

const [aWeight, aBias, bWeight, cWeight] = Object.keys(SHAPES);
const pick = (...names: string[]) => parameters().filter(({ name }) => names.includes(name));

const CASES: readonly Case[] = [
  {
    title: "AdamW, defaults",
    make: () => AdamW.create(parameters()),
    load: (source) => AdamW.load(source),
  },
  {
    title: "AdamW over small memories",
    make: () => AdamW.create(parameters(), { slabBytes: 2 ** 20 }),
    load: (source) => AdamW.load(source, { slabBytes: 2 ** 20 + 65_536 }),
  },
  {
    title: "AdamW with every kind of option",
    make: () =>
      AdamW.create(
        [
          { name: "matrices", params: pick(aWeight, cWeight), amsgrad: true, centralize: true },
          { params: pick(bWeight, aBias), weightDecay: 0.3, betas: [0.7, 0.8], lrScale: 0.5 },
        ],
        {
          lr: linearWithWarmup({ peak: 1e-2, warmupSteps: 5, totalSteps: 40 }),
          decays: noDecayOnBiasAndNorm,
          clip: clipByGlobalNorm(0.1, { formula: "paddle" }),
          lossScale: dynamicLossScale({ initialScale: 8, growthInterval: 4 }),
          precision: { model: "bfloat16", master: false },
          nonFinite: "skip",
          maximize: true,
        },
      ),
    load: (source) => AdamW.load(source),
  },
  {
    title: "AdamW, bert's layer decay",
    make: () =>
      AdamW.create(
        {
          "embeddings.word_embeddings.weight": { shape: [33] },
          "encoder.layer.0.attention.self.query.weight": { shape: [9] },
          ...Object.fromEntries(parameters().map(({ name, ...spec }) => [name, spec])),
        },
        { lrScale: layerDecay({ rate: 0.7, layerOf: families.bert, layers: 3 }) },
      ),
    load: (source) => AdamW.load(source),
  },
  {
    title: "AdamWDL",
    make: () =>
      AdamWDL.create({
        parameters: parameters().map((spec, i) =>
          i === 2 ? { ...spec, optimizeAttr: { learningRate: 0.25 } } : spec,
        ),
        learningRate: [0.1, 0.2, 0.3, ...new Array(40).fill(0.05)],
        layerwiseDecay: 0.8,
        nLayers: 3,
        beta1: [0.8],
        weightDecay: Float32Array.of(0.5),
        nameDict: {
          "a.weight": "encoder.layers.1.a",
          "a.bias": "encoder.layers.2.a",
          "b.weight": "embeddings.b",
          "c.weight": "head",
        },
        name: "dl",
        arithmetic: "executed",
      }),
    load: (source) => AdamWDL.load(source),
  },
  {
    title: "AdamWDL of 16-bit parameters without masters",
    make: () =>
      AdamWDL.create({
        parameters: parameters().map(({ data: _, ...spec }) => ({ ...spec, dtype: "bfloat16" })),
        multiPrecision: false,
        lazyMode: true,
      }),
    load: (source) => AdamWDL.load(source),
  },
  {
    title: "MindFormersAdamW as executed, of 16-bit parameters",
    make: () =>
      MindFormersAdamW.create(
        parameters().map(({ data: _, ...spec }) => ({ ...spec, dtype: "float16" })),
        { arithmetic: "executed" },
      ),
    load: (source) => MindFormersAdamW.load(source),
  },
  {
    title: "MindFormersAdamW",
    make: () =>
      MindFormersAdamW.create(
        [
          { params: pick(aWeight), lr: new Float64Array(50).fill(0.02), name: "first" },
          { params: pick(bWeight, cWeight), weightDecay: 0.1, gradCentralization: true },
          { params: pick(aBias) },
          { orderParams: [cWeight, aBias, bWeight, aWeight] },
        ],
        { learningRate: 0.01, useFused: true, amsgrad: true, betas: [0.8, 0.9] },
      ),
    load: (source) => MindFormersAdamW.load(source),
  },
  {
    title: "DecoupledAdamW",
    make: () =>
      DecoupledAdamW.create(
        [
          { params: pick(aWeight, aBias), lr: 0.5 },
          { params: pick(bWeight, cWeight), weightDecay: 1e-4 },
        ],
        { lr: cosineWithWarmup({ peak: 0.1, warmupSteps: 3, totalSteps: 30 }), amsgrad: true },
      ),
    load: (source) => DecoupledAdamW.load(source),
  },
];

for (const { title, make, load } of CASES) {
  test(`${title}: a loaded optimizer is the saved one, and goes on with the same bits`, async () => {
    const straight = await make();
    steps(straight, 0, 12);
    const [digest, config] = [straight.digest(), straight.configDigest()];
    const file = await straight.toBytes();
    assert.is(straight.digest(), digest, "saving changes nothing");

    const loaded = await load(file);
    assert.is(loaded.digest(), digest);
    assert.is(loaded.configDigest(), config);
    assert.equal(loaded.parameterNames, straight.parameterNames);
    assert.equal(loaded.loadReport, {
      version: 1,
      sameCore: true,
      differences: [],
      missing: [],
      unused: [],
    });
    const again = await loaded.toBytes();
    assert.is(headerOf(again), headerOf(file));
    assert.ok(Buffer.compare(again, file) === 0, "saved again it is the same file");

    steps(straight, 12, 25);
    steps(loaded, 12, 25);
    assert.is(loaded.digest(), straight.digest());
    assert.is(loaded.configDigest(), straight.configDigest());
  });
}

test("saved by two threads and loaded for one, and the other way round", async () => {
  const make = (threads: number) => AdamW.create(parameters(), { threads });
  const [one, two] = [await make(1), await make(2)];
  for (const optimizer of [one, two]) steps(optimizer, 0, 3);
  const file = await two.toBytes();
  assert.ok(Buffer.compare(file, await one.toBytes()) === 0, "threads leave no trace");
  const loaded = [await AdamW.load(file), await AdamW.load(file, { threads: 2 })];
  assert.equal(
    loaded.map(({ threads }) => threads),
    [1, 2],
  );
  for (const optimizer of [one, ...loaded]) steps(optimizer, 3, 6);
  for (const optimizer of loaded) assert.is(optimizer.digest(), one.digest());
  for (const optimizer of [one, two, ...loaded]) optimizer.dispose();
});

test("rates that were assigned, and the rate that a group began from, come back", async () => {
  const saved = await DecoupledAdamW.create([
    { name: "x", params: pick(aWeight, aBias, bWeight) },
    { name: "y", params: pick(cWeight) },
  ]);
  const [x, y] = saved.groups;
  x.lr = exponential({ peak: 0.5, gamma: 0.9 });
  x.betas = [0.1, 0.2];
  x.eps = 1e-3;
  y.weightDecay = [1e-6, 2e-6, 3e-6, 4e-6, 5e-6, 6e-6];
  steps(saved, 0, 3);
  const loaded = await DecoupledAdamW.load(await saved.toBytes());
  const [lx, ly] = loaded.groups;
  assert.is(lx.initialLr, 1e-3, "not the base of the schedule that was assigned");
  assert.equal(lx.betas, [0.1, 0.2]);
  assert.is(lx.eps, 1e-3);
  assert.is(ly.lr, 1e-3);
  steps(saved, 3, 6);
  steps(loaded, 3, 6);
  assert.is(loaded.digest(), saved.digest());
});

test("schedules that follow a metric go on, also inside of others, and stay shared", async () => {
  const plateau = reduceOnPlateau({ lr: 0.1, patience: 1 });
  const inner = greedy({ lr: 1, patience: 1, minLr: 0, maxLr: 2 });
  const saved = await AdamW.create(
    [
      { name: "x", params: pick(aWeight), lr: plateau },
      { name: "y", params: pick(aBias), lr: plateau },
      { name: "z", params: pick(bWeight, cWeight) },
    ],
    { lr: chained({ schedules: [inner, constant({ value: 0.01 })] }) },
  );
  for (const metric of [3, 2, 2.5, 2.5]) {
    plateau.observe(metric);
    inner.observe(metric);
  }
  steps(saved, 0, 2);
  const loaded = await AdamW.load(await saved.toBytes());
  const [x, y, z] = loaded.groups.map(({ lr }) => lr) as MetricSchedule<unknown>[];
  assert.is(x, y);
  assert.equal(x.state(), plateau.state());
  assert.is(z(3), (saved.groups[2].lr as MetricSchedule<unknown>)(3));
  x.observe(9);
  plateau.observe(9);
  assert.is(y(0), plateau(0));

  // The caller's own of the same options takes over the state.
  const again = reduceOnPlateau({ lr: 0.1, patience: 1 });
  const own = await AdamW.load(await loaded.toBytes(), {
    parameters: [
      { name: "x", params: pick(aWeight), lr: again },
      { name: "y", params: pick(aBias), lr: again },
      { name: "z", params: pick(bWeight, cWeight) },
    ],
  });
  assert.equal(again.state(), x.state());
  assert.is(own.groups[0].lr, again);
  assert.equal(own.loadReport?.differences, []);
});

test("a long vector of rates comes back bit by bit", async () => {
  const rates = Array.from({ length: 5_000 }, (_, k) => 1 / (k + 3));
  const saved = await AdamW.create({ w: { shape: [3] } }, { lr: rates });
  const loaded = await AdamW.load(await saved.toBytes());
  const lr = loaded.groups[0].lr as (k: number) => number;
  assert.equal(
    rates.map((_, k) => lr(k)),
    rates,
  );
  assert.is(loaded.configDigest(), saved.configDigest());
});

for (const stop of [1, 24, 345, 1_002, 1_003]) {
  test(`the run with everything goes on from tick ${stop}`, async () => {
    const straight = await makeRun();
    runTicks(straight, 0, stop);
    const loaded = await AdamW.load(await straight.toBlob(), givenAgain());
    assert.is(loaded.digest(), straight.digest());
    runTicks(straight, stop, stop + 60);
    runTicks(loaded, stop, stop + 60);
    assert.is(loaded.digest(), straight.digest());
    assert.is(loaded.configDigest(), straight.configDigest());
    assert.equal(loaded.lossScale?.state(), straight.lossScale?.state());
  });
}

test.run();
