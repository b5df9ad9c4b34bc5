import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  AdamWDL,
  clipByNorm,
  DecoupledAdamW,
  MindFormersAdamW,
  WeightAverage,
} from "../src/index.ts";
import { judged, junk } from "./reference/junk.ts";
import { holds } from "./reference/property.ts";

const test = suite("properties: junk for optimizers is refused as documented, or works");

// Whatever the types say: these are the calls that they forbid.
type Wrong = never;
type Made = AdamW | AdamWDL | DecoupledAdamW | MindFormersAdamW;

const w = () => Float32Array.of(1, -1, 0.5, 0);
const start = () => ({ w: w(), e: { shape: [3, 2] } });

/** A new optimizer must be able to step, or say why not. */
function assertWorks(optimizer: Made | undefined): void {
  if (!optimizer) return;
  const gradients = optimizer.parameterNames.map((name) => {
    return [name, new Float32Array(optimizer.parameter(name).length).fill(0.5)] as const;
  });
  const report = judged(() => optimizer.step(Object.fromEntries(gradients)));
  if (report) assert.is(report.applied, true);
  assert.is(optimizer.steps, report ? 1 : 0);
  assert.match(optimizer.digest(), /^[0-9a-f]{64}$/);
  assert.match(optimizer.configDigest(), /^[0-9a-f]{64}$/);
  assert.type(optimizer.describe().toString(), "string");
  optimizer.dispose();
}

const keys = (text: string) => text.split(/\s+/);
const MACHINERY =
  keys(`clip clips lossScale lazy zeroGradients precision nonFinite gradNorm slabBytes
  splitParameters`);
const GROUP = keys("lr weightDecay betas eps amsgrad centralize");
const ADAMW = [...GROUP, ...MACHINERY, ...keys("maximize decays lrScale unknown")];

test("options of AdamW", () => {
  holds(
    fc.property(fc.constantFrom(...ADAMW), junk, (key, value) => {
      const made = judged(() => new AdamW(start(), { [key]: value } as Wrong), key);
      if (key === "unknown") assert.is(made, undefined, "an unknown option was taken");
      assertWorks(made);
    }),
    700,
  );
});

test("options of a group", () => {
  holds(
    fc.property(fc.constantFrom(...GROUP, "lrScale", "clip", "name"), junk, (key, value) => {
      const group = { params: start(), [key]: value };
      assertWorks(judged(() => new AdamW([group] as Wrong), key));
    }),
    300,
  );
});

test("parameters", () => {
  const spec = fc.record(
    { name: junk, shape: junk, data: junk, dtype: junk },
    { requiredKeys: [] },
  );
  const good = { name: "w", shape: [4], data: w() };
  const given = fc.oneof(
    junk,
    junk.map((value) => ({ w: value })),
    spec.map((one) => [one]),
    fc
      .tuple(fc.constantFrom("name", "shape", "data", "dtype"), junk)
      .map(([key, value]) => [{ ...good, [key]: value }]),
  );
  holds(
    fc.property(given, (parameters) => {
      assertWorks(judged(() => new AdamW(parameters as Wrong)));
    }),
    500,
  );
});

const NAMED: Record<string, { keys: readonly string[]; make: (options: object) => Made }> = {
  AdamWDL: {
    keys: keys(`learningRate beta1 beta2 epsilon weightDecay applyDecayParamFun gradClip lazyMode
      multiPrecision layerwiseDecay nLayers setParamLrFun nameDict name arithmetic precision
      lossScale nonFinite`),
    make: (options) => new AdamWDL({ parameters: start(), ...options } as Wrong),
  },
  MindFormersAdamW: {
    keys: [
      ...keys(
        "learningRate betas eps weightDecay useFused amsgrad maximize arithmetic decays lrScale",
      ),
      ...MACHINERY,
    ],
    make: (options) => new MindFormersAdamW(start(), options as Wrong),
  },
  DecoupledAdamW: {
    keys: [...GROUP, ...MACHINERY, ...keys("initialLr arithmetic decays lrScale")],
    make: (options) => new DecoupledAdamW(start(), options as Wrong),
  },
};

test("options of the named optimizers", () => {
  holds(
    fc.property(fc.constantFrom(...Object.keys(NAMED)), fc.nat(), junk, (name, which, value) => {
      const { keys: all, make } = NAMED[name];
      const key = all[which % all.length];
      assertWorks(judged(() => make({ [key]: value }), key));
    }),
    500,
  );
});

const CONSTRUCTORS: Record<string, (value: unknown) => Made> = {
  "AdamW, options": (value) => new AdamW(start(), value as Wrong),
  AdamWDL: (value) => new AdamWDL(value as Wrong),
  "AdamWDL, parameters": (value) => new AdamWDL({ parameters: value } as Wrong),
  "MindFormersAdamW, params": (value) => new MindFormersAdamW(value as Wrong),
  "MindFormersAdamW, options": (value) => new MindFormersAdamW(start(), value as Wrong),
  "MindFormersAdamW, a group": (value) =>
    new MindFormersAdamW([{ params: start() }, value] as Wrong),
  "MindFormersAdamW, orderParams": (value) =>
    new MindFormersAdamW([{ params: start() }, { orderParams: value }] as Wrong),
  "DecoupledAdamW, params": (value) => new DecoupledAdamW(value as Wrong),
  "DecoupledAdamW, options": (value) => new DecoupledAdamW(start(), value as Wrong),
};

test("whole arguments of the constructors", () => {
  holds(
    fc.property(fc.constantFrom(...Object.keys(CONSTRUCTORS)), junk, (which, value) => {
      assertWorks(judged(() => CONSTRUCTORS[which](value)));
    }),
    400,
  );
});

const assigned = (key: string) => (optimizer: AdamW, value: unknown) => {
  Object.assign(optimizer.groups[0], { [key]: value });
  return optimizer.step({ w: w() });
};
const METHODS: Record<string, (optimizer: AdamW, value: unknown) => unknown> = {
  step: (optimizer, value) => optimizer.step(value as Wrong),
  "step, a gradient": (optimizer, value) => optimizer.step({ w: value } as Wrong),
  "step, the second": (optimizer, value) => optimizer.step({ w: w(), e: value } as Wrong),
  "step, rows": (optimizer, value) =>
    optimizer.step({ w: w(), e: { rows: value, values: w() } } as Wrong),
  "step, values": (optimizer, value) =>
    optimizer.step({ w: w(), e: { rows: [0], values: value } } as Wrong),
  "step, options": (optimizer, value) => optimizer.step({ w: w() }, value as Wrong),
  "step, metrics": (optimizer, value) => optimizer.step({ w: w() }, { metrics: value } as Wrong),
  accumulate: (optimizer, value) => optimizer.accumulate(value as Wrong),
  "accumulate, the second": (optimizer, value) =>
    optimizer.accumulate({ w: w(), e: value } as Wrong),
  "accumulate, average": (optimizer, value) =>
    optimizer.accumulate({ w: w() }, { average: value } as Wrong),
  setWeights: (optimizer, value) => optimizer.setWeights(value as Wrong),
  "setWeights, the second": (optimizer, value) =>
    optimizer.setWeights({ e: new Float32Array(6), w: value } as Wrong),
  copyTo: (optimizer, value) => optimizer.copyTo(value as Wrong),
  "copyTo, a target": (optimizer, value) => optimizer.copyTo({ w: value } as Wrong),
  parameter: (optimizer, value) => optimizer.parameter(value as Wrong),
  gradient: (optimizer, value) => optimizer.gradient(value as Wrong),
  "group.lr": assigned("lr"),
  "group.weightDecay": assigned("weightDecay"),
  "group.betas": assigned("betas"),
  "group.eps": assigned("eps"),
  "WeightAverage, options": (optimizer, value) => new WeightAverage(optimizer, value as Wrong),
  "WeightAverage, alpha": (optimizer, value) =>
    new WeightAverage(optimizer, { alpha: value } as Wrong),
};

test("arguments of methods: where they are refused, the optimizer is as it was", () => {
  holds(
    fc.property(fc.constantFrom(...Object.keys(METHODS)), junk, (which, value) => {
      const optimizer = new AdamW(start(), { lazy: true });
      const facts = () => [optimizer.digest(), optimizer.steps];
      const before = facts();
      const done = judged(() => [METHODS[which](optimizer, value)]);
      if (!done) assert.equal(facts(), before);
      optimizer.dispose();
    }),
    600,
  );
});

test("what the functions of rules and schedules give", () => {
  const functions = fc.constantFrom("lr", "weightDecay", "decays", "clips", "lrScale");
  holds(
    fc.property(functions, junk, (key, value) => {
      const options = { [key]: () => value, clip: clipByNorm(1) };
      const optimizer = judged(() => new AdamW(start(), options as Wrong), key);
      const before = optimizer?.digest();
      // An lr scale that is too large is noticed in its product with lr, which is named then.
      const names = key === "lrScale" ? "lr" : key;
      const report = optimizer && judged(() => optimizer.step(), names);
      if (!report) assert.is(optimizer?.digest(), before);
      optimizer?.dispose();
    }),
    200,
  );
});

test.run();
