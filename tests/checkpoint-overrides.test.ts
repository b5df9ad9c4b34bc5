import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  AdamWDL,
  clipAdaptive,
  clipByGlobalNorm,
  clipByValue,
  cosineWithWarmup,
  DecoupledAdamW,
  dynamicLossScale,
  families,
  layerDecay,
  MindFormersAdamW,
  noDecayOnBiasAndNorm,
  staticLossScale,
} from "../src/index.ts";
import type { Optimizer } from "../src/optimizers/optimizer.ts";
import { ALL_SAMPLES } from "./reference/schedule-samples.ts";

// Every option of every class, one by one: it comes back from a file, with the same file when saved
// again; named to load it is as if the optimizer had been made with it; and named with the value that
// it has anyway, its default included, it is no difference.

const test = suite("checkpoints: every option");

// biome-ignore lint/suspicious/noExplicitAny: options of four classes
type Options = Record<string, any>;

const SHAPES = { "encoder.layers.0.weight": [3, 2], "encoder.layers.1.bias": [2], embedding: [2] };
const specs = () => Object.entries(SHAPES).map(([name, shape]) => ({ name, shape }));
const gradients = () =>
  Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape], i) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return [name, Float32Array.from({ length }, (_, j) => 0.01 * (i + j + 1))];
    }),
  );

/** Two values of each option, and its default where that can be named. */
const onlyWeights = ({ name }: { name: string }) => name.endsWith("weight");
const falling = (k: number) => 0.1 / (k + 1);
const RATE = [
  0.25,
  cosineWithWarmup({ peak: 0.1, warmupSteps: 1, totalSteps: 9 }),
  falling,
  [1, 2],
];
const RULES = {
  decays: [noDecayOnBiasAndNorm, onlyWeights],
  lrScale: [layerDecay({ rate: 0.5, layerOf: families.bertPaddle }), () => 0.5],
};
const MACHINERY = {
  clip: [
    clipByGlobalNorm(1),
    clipByGlobalNorm(1, { formula: "paddle" }),
    clipByValue(2, { min: -1 }),
  ],
  clips: [onlyWeights],
  lossScale: [
    staticLossScale(8),
    () => dynamicLossScale({ growthInterval: 1, convention: "paddle" }),
  ],
  lazy: [true, false],
  zeroGradients: [true, false],
  precision: [
    { model: "float16" },
    { gradients: "bfloat16" },
    { model: "float16", gradients: "bfloat16", master: true },
    { model: "float32" },
  ],
  nonFinite: ["skip", "throw", "allow"],
  gradNorm: [true, false],
};
const GROUP = {
  lr: RATE,
  weightDecay: [1e-4, ...RATE.slice(1)],
  betas: [[0.5, 0.6]],
  eps: [1e-4],
  amsgrad: [true, false],
  centralize: [true, false],
};
const MASTER = { model: "bfloat16", master: false };

interface Class {
  readonly name: string;
  readonly values: Readonly<Record<string, readonly unknown[]>>;
  readonly create: (options: Options) => Promise<Optimizer>;
  readonly load: (file: Uint8Array, options: Options) => Promise<Optimizer>;
}

const dl = {
  ...MACHINERY,
  gradClip: [clipAdaptive(0.1), null],
  lazyMode: [true, false],
} as Options;
delete dl.clip;
delete dl.lazy;
// What it means without multiPrecision is told below.
dl.precision = MACHINERY.precision.filter(({ master }: Options) => master === undefined);

const CLASSES: readonly Class[] = [
  {
    name: "AdamW",
    values: {
      ...GROUP,
      ...RULES,
      ...MACHINERY,
      precision: [...MACHINERY.precision, MASTER],
      maximize: [true, false],
    },
    create: (options) => AdamW.create(specs(), options),
    load: (file, options) => AdamW.load(file, options),
  },
  {
    name: "DecoupledAdamW",
    values: { ...GROUP, ...RULES, ...MACHINERY, arithmetic: ["executed", "intended"] },
    create: (options) =>
      DecoupledAdamW.create(specs(), {
        ...options,
        ...(options.lr === falling ? { initialLr: 1e-3 } : {}),
      }),
    load: (file, options) => DecoupledAdamW.load(file, options),
  },
  {
    name: "MindFormersAdamW",
    values: {
      ...{ learningRate: RATE, weightDecay: RATE, betas: [[0.5, 0.6]], eps: [1e-4] },
      ...{ useFused: [true, false], ...RULES, ...MACHINERY },
      ...{ amsgrad: [false], maximize: [false], arithmetic: ["documented", "executed"] },
    },
    create: (options) => MindFormersAdamW.create(specs(), options),
    load: (file, options) => MindFormersAdamW.load(file, options),
  },
  {
    name: "AdamWDL",
    values: {
      ...dl,
      ...{ learningRate: RATE, weightDecay: [0.5, [0.25]], epsilon: [1e-4] },
      ...{ beta1: [0.5, Float32Array.of(0.25)], beta2: [0.75], arithmetic: ["executed"] },
      ...{ applyDecayParamFun: [(name: string) => name === "embedding", null] },
      ...{ layerwiseDecay: [0.5, [0.25], 1], nLayers: [7, 12], multiPrecision: [true, false] },
      ...{ setParamLrFun: [() => 0.5, null], name: ["mine", null] },
      nameDict: [Object.fromEntries(Object.keys(SHAPES).map((name) => [name, "head"])), null],
    },
    create: (options) => AdamWDL.create({ parameters: specs(), ...options }),
    load: (file, options) => AdamWDL.load(file, options),
  },
];

/** A dynamic loss scale serves one optimizer: one is made for each. */
const fresh = (key: string, value: unknown) =>
  key === "lossScale" && typeof value === "function" ? value() : value;
const isOwn = (value: unknown) => typeof value === "function" && !("schedule" in value);

for (const { name, values, create, load } of CLASSES) {
  for (const [key, list] of Object.entries(values)) {
    test(`${name}: ${key}`, async () => {
      for (const [i, value] of list.entries()) {
        const at = `${key}, value ${i}`;
        const options = { [key]: fresh(key, value) };
        // A function of the caller's is given again.
        const again =
          key !== "lossScale" && isOwn(value) && value !== noDecayOnBiasAndNorm ? options : {};
        const saved = await create(options);
        saved.step(gradients());
        const file = await saved.toBytes();
        const loaded = await load(file, again);
        assert.equal(loaded.loadReport?.differences, [], at);
        assert.is(loaded.configDigest(), saved.configDigest(), at);
        assert.ok(Buffer.compare(await loaded.toBytes(), file) === 0, `${at}: the same file`);
        saved.step(gradients());
        loaded.step(gradients());
        assert.is(loaded.digest(), saved.digest(), at);

        // The same again is no difference, and goes on with the state that the file has.
        const named = await load(file, { [key]: fresh(key, value) });
        assert.equal(named.loadReport?.differences, [], `${at}, named again`);
        named.step(gradients());
        assert.is(named.digest(), saved.digest(), `${at}, named again`);
        assert.is(named.configDigest(), saved.configDigest(), `${at}, named again`);

        // Named over a file without it, it is as at creation.
        const plain = await create({});
        const over = await load(await plain.toBytes(), { [key]: fresh(key, value), strict: false });
        const made = await create({ [key]: fresh(key, value) });
        assert.is(over.configDigest(), made.configDigest(), `${at}, named over none`);
        const { differences } = over.loadReport ?? { differences: [] };
        const other = made.configDigest() !== plain.configDigest();
        if (other) assert.ok(differences.length > 0, `${at}: told`);
        for (const each of [over, made]) each.step(gradients());
        assert.is(over.digest(), made.digest(), `${at}, named over none`);
        for (const each of [saved, loaded, named, plain, over, made]) each.dispose();
      }
    });
  }
}

test("every option that a class knows is in its table", async () => {
  const machine = ["slabBytes", "splitParameters", "threads", "touchPages", "parameters"];
  for (const { name, values, create } of CLASSES) {
    const { message } = (await create({ "?": 0 }).catch((error) => error)) as Error;
    const known = (/expected one of (.*), got an unknown key/.exec(message)?.[1] ?? "").split(", ");
    assert.ok(known.length > 10, message);
    // Without a function for lr it says nothing; settled in checkpoint-review.test.ts.
    const left = known.filter((key) => ![...machine, "initialLr"].includes(key));
    assert.equal(
      left.filter((key) => !(key in values)),
      [],
      name,
    );
  }
});

test("every schedule, as lr of a group and as weightDecay of all", async () => {
  for (const schedule of ALL_SAMPLES) {
    if (/"(lambda|multiplicative)"/.test(JSON.stringify(schedule.schedule))) continue;
    const make = { weightDecay: schedule };
    const saved = await AdamW.create([{ name: "g", params: specs(), lr: schedule }], make);
    const file = await saved.toBytes();
    const loaded = await AdamW.load(file);
    const [{ lr, weightDecay }] = loaded.groups;
    assert.is(lr, weightDecay, "one schedule, still shared");
    assert.is(loaded.configDigest(), saved.configDigest(), schedule.schedule.name);
    assert.ok(Buffer.compare(await loaded.toBytes(), file) === 0, schedule.schedule.name);
    for (const each of [saved, loaded]) each.dispose();
  }
});

test.run();
