import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { StepScalars } from "../src/core/step-scalars.ts";
import { type AdamW, AdamWDL, DecoupledAdamW, MindFormersAdamW } from "../src/index.ts";
import { type ScalarInputs, stepScalars } from "../src/optimizers/scalars.ts";
import { ADAMW_DL_SCALARS } from "../src/optimizers/scalars-adamw-dl.ts";
import { decoupledScalars } from "../src/optimizers/scalars-decoupled.ts";
import { MINDFORMERS_SCALARS } from "../src/optimizers/scalars-mindformers.ts";
import { exactState, exactStep } from "./reference/exact.ts";
import * as originals from "./reference/originals.ts";

// Known values of the three originals: a row of the scalar table, evaluated in float64, must give
// them, and so must tests/reference/originals.ts, which the accuracy tests trust.

const test = suite("conformance");

type Scalars = (inputs: ScalarInputs, out: StepScalars) => StepScalars;

interface Known {
  readonly name: string;
  readonly scalars: Scalars;
  readonly formula: originals.OriginalFormula;
  readonly rates: Partial<originals.OriginalRates>;
  /** After 1, 2 and 3 steps from p = 1 with g = 1; lr .1, wd .1, eps 1e-8, betas .9 .999. */
  readonly p: readonly number[];
}

const COMMON: originals.OriginalRates = {
  lr: 0.1,
  ratio: 1,
  initialLr: 0.1,
  weightDecay: 0.1,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
};

// Computed from the formulas of the originals' code and documentation, to nine decimals.
const REAL = [0.890000001, 0.781100002, 0.673289003];
const SMALL: Known[] = [
  {
    name: "AdamWDL intended",
    scalars: ADAMW_DL_SCALARS.intended,
    formula: originals.adamWDLIntended,
    rates: {},
    p: REAL,
  },
  {
    name: "AdamWDL documented",
    scalars: ADAMW_DL_SCALARS.documented,
    formula: originals.adamWDLDocumented,
    rates: {},
    p: [0.896837754, 0.794727367, 0.693121952],
  },
  {
    name: "AdamWDL executed, ratio .8",
    scalars: ADAMW_DL_SCALARS.executed,
    formula: originals.adamWDLExecuted,
    rates: { ratio: 0.8 },
    p: [0.902080001, 0.805914728, 0.711472737],
  },
  {
    name: "MindFormersAdamW intended and executed",
    scalars: MINDFORMERS_SCALARS.executed,
    formula: originals.mindFormersExecuted,
    rates: {},
    p: REAL,
  },
  {
    name: "MindFormersAdamW documented",
    scalars: MINDFORMERS_SCALARS.documented,
    formula: originals.mindFormersDocumented,
    rates: {},
    p: [0.673772334, 0.242075537, -0.255368663],
  },
  {
    name: "DecoupledAdamW",
    scalars: decoupledScalars,
    formula: originals.decoupledExecuted,
    rates: {},
    p: [0.800000001, 0.620000002, 0.458000003],
  },
  {
    name: "DecoupledAdamW documented",
    scalars: decoupledScalars,
    formula: originals.decoupledDocumented,
    rates: {},
    p: [0.800000001, 0.620000002, 0.458000003],
  },
];

const inputsAt = (rates: originals.OriginalRates, t: number): ScalarInputs => {
  const { ratio, ...inputs } = rates;
  return { ...inputs, lrScale: ratio, t, gradScale: 1 };
};

for (const { name, scalars, formula, rates, p } of SMALL) {
  test(`three steps from 1 with gradient 1: ${name}`, () => {
    const all = { ...COMMON, ...rates };
    const state = exactState([1]);
    const original = originals.originalState([1]);
    p.forEach((expected, k) => {
      exactStep(state, [1], scalars(inputsAt(all, k + 1), {} as StepScalars));
      originals.originalStep(original, [1], all, formula, originals.exactly);
      assert.ok(Math.abs(state.p[0] - expected) <= 5.1e-10, `step ${k}: ${state.p[0]}`);
      assert.ok(Math.abs(state.p[0] - original.p[0]) <= 1e-12, `formula: ${original.p[0]}`);
    });
  });
}

/** Where eps stands shows where gradients are as small as it: p = 0, lr .1, wd 0, one step. */
const TINY = [
  { name: "common core", scalars: stepScalars, p: [-0.05, -0.0990099] },
  { name: "AdamWDL", scalars: ADAMW_DL_SCALARS.documented, p: [-0.003065343, -0.0759747] },
  { name: "MindFormers", scalars: MINDFORMERS_SCALARS.documented, p: [-0.009693466, -0.2402531] },
];

for (const { name, scalars, p } of TINY) {
  test(`a gradient of 1e-8 and of 1e-6: ${name}, as documented`, () => {
    const inputs = inputsAt({ ...COMMON, weightDecay: 0 }, 1);
    [1e-8, 1e-6].forEach((g, i) => {
      const state = exactState([0]);
      exactStep(state, [g], scalars(inputs, {} as StepScalars));
      assert.ok(Math.abs(state.p[0] - p[i]) <= 5.1e-8, `${g}: ${state.p[0]}, expected ${p[i]}`);
    });
  });
}

const START = [1, -2, 0.5];
const GRADIENTS = [
  [0.1, -0.2, 0.3],
  [0, 0.5, -0.1],
  [-0.3, 0.2, 0.1],
];
type Weights = { readonly w: Float32Array };

interface Case {
  readonly name: string;
  readonly scalars: Scalars;
  readonly rates: Partial<originals.OriginalRates>;
  readonly amsgrad?: boolean;
  readonly p: readonly number[];
  readonly make: (weights: Weights) => AdamW | AdamWDL | MindFormersAdamW | DecoupledAdamW;
}

const LR = 0.01;
const CASES: Case[] = [
  {
    name: "MindFormersAdamW, lr .01, wd .01",
    scalars: MINDFORMERS_SCALARS.intended,
    rates: { lr: LR, weightDecay: 0.01 },
    p: [0.9874265934534203, -1.9992532004954673, 0.48097299663944804],
    make: (w) => new MindFormersAdamW(w, { learningRate: LR, weightDecay: 0.01 }),
  },
  {
    name: "the same with amsgrad",
    scalars: MINDFORMERS_SCALARS.intended,
    rates: { lr: LR, weightDecay: 0.01 },
    amsgrad: true,
    p: [0.9874299442466222, -1.9992532004954673, 0.48097299663944804],
    make: (w) =>
      new MindFormersAdamW(w, {
        learningRate: LR,
        weightDecay: 0.01,
        amsgrad: true,
        useFused: true,
      }),
  },
  {
    name: "DecoupledAdamW's defaults",
    scalars: decoupledScalars,
    rates: { lr: 1e-3, initialLr: 1e-3, weightDecay: 1e-5, beta2: 0.95 },
    p: [0.9987251052817835, -1.9999213561207156, 0.4980839017465575],
    make: (w) => new DecoupledAdamW(w),
  },
  {
    name: "AdamWDL executed, ratio .64",
    scalars: ADAMW_DL_SCALARS.executed,
    rates: { lr: LR, weightDecay: 0.01, ratio: 0.8 * 0.8 },
    p: [0.9916541939263749, -1.9989228475696277, 0.4876737411112714],
    make: (parameters) =>
      new AdamWDL({
        parameters,
        learningRate: LR,
        layerwiseDecay: 0.8,
        setParamLrFun: (rate) => rate * rate,
        arithmetic: "executed",
      }),
  },
];

for (const { name, scalars, rates, amsgrad = false, p, make } of CASES) {
  test(`three steps of three weights: ${name}`, () => {
    const state = exactState(START);
    const optimizer = make({ w: Float32Array.from(START) });
    GRADIENTS.forEach((g, k) => {
      const row = scalars(inputsAt({ ...COMMON, ...rates }, k + 1), {} as StepScalars);
      exactStep(state, g, row, amsgrad);
      optimizer.step({ w: Float32Array.from(g) });
    });
    const { master } = optimizer.parameter("w");
    p.forEach((expected, i) => {
      assert.ok(Math.abs(state.p[i] - expected) <= 1e-12, `float64, ${i}: ${state.p[i]}`);
      assert.ok(Math.abs(master[i] - expected) <= 3e-7, `the class, ${i}: ${master[i]}`);
    });
  });
}

test.run();
