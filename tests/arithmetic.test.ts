import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamWDL, type Arithmetic, DecoupledAdamW, MindFormersAdamW } from "../src/index.ts";
import * as originals from "./reference/originals.ts";
import { gradientValue, weightValue, xorshift32 } from "./reference/random.ts";

// Each optimizer in each arithmetic against the original's own printed formula: 1,000 steps, three
// groups, weight decay, a changing lr. tests/reference/originals.ts has the formulas.

const test = suite("arithmetic");

const STEPS = 1000;
const LENGTH = 67;
const SEEDS = [0x9e3779b9, 0x7f4a7c15];
/** Largest allowed RMS error, as a share of the float32 evaluation's. */
const LIMIT = 1.05;

const NAMES = ["embedding.weight", "encoder.layers.0.weight", "classifier.weight"] as const;
type Values = Record<string, Float32Array>;

/** Anything that steps. */
interface Stepping {
  step(gradients: Values): unknown;
  parameter(name: string): { readonly master: Float32Array };
  dispose(): void;
}

interface Case {
  readonly name: string;
  readonly formula: originals.OriginalFormula;
  /** Of each group, at step k. */
  readonly rates: (group: number, k: number) => originals.OriginalRates;
  readonly make: (weights: Values) => Stepping;
}

const rampDown = (k: number) => 1 - (0.9 * k) / STEPS;
const stairs = (k: number) => 1 / 2 ** Math.floor(k / 250);

const RATIOS = [0.8 ** 3, 0.8 ** 2, 1];

/** AdamWDL has no groups: three layers, each with its rate. */
function adamWDL(arithmetic: Arithmetic, formula: originals.OriginalFormula): Case {
  const lr = (k: number) => 2e-3 * rampDown(k);
  return {
    name: `AdamWDL ${arithmetic}`,
    formula,
    rates: (group, k) => ({
      lr: lr(k),
      ratio: RATIOS[group],
      initialLr: Number.NaN,
      weightDecay: 0.05,
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
    }),
    make: (parameters) =>
      new AdamWDL({
        parameters,
        learningRate: lr,
        weightDecay: 0.05,
        layerwiseDecay: 0.8,
        nLayers: 2,
        arithmetic,
      }),
  };
}

const MF_RATES = [1e-3, 4e-4, 1e-4];
const MF_DECAYS = [0.01, 0.1, 0.3];

function mindFormers(arithmetic: Arithmetic, formula: originals.OriginalFormula): Case {
  return {
    name: `MindFormersAdamW ${arithmetic}`,
    formula,
    rates: (group, k) => ({
      lr: MF_RATES[group] * stairs(k),
      ratio: 1,
      initialLr: Number.NaN,
      weightDecay: MF_DECAYS[group],
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
    }),
    make: (weights) =>
      new MindFormersAdamW(
        NAMES.map((name, group) => ({
          params: { [name]: weights[name] },
          lr: Array.from({ length: STEPS }, (_, k) => MF_RATES[group] * stairs(k)),
          weightDecay: MF_DECAYS[group],
        })),
        { arithmetic },
      ),
  };
}

const CO_RATES = [2e-3, 1e-3, 3e-4];
const CO_DECAYS = [1e-5, 1e-4, 5e-4];

function decoupled(arithmetic: Arithmetic, formula: originals.OriginalFormula): Case {
  return {
    name: `DecoupledAdamW ${arithmetic}`,
    formula,
    rates: (group, k) => ({
      lr: CO_RATES[group] * rampDown(k),
      ratio: 1,
      initialLr: CO_RATES[group],
      weightDecay: CO_DECAYS[group],
      beta1: 0.9,
      beta2: 0.95,
      eps: 1e-8,
    }),
    make: (weights) =>
      new DecoupledAdamW(
        NAMES.map((name, group) => ({
          params: { [name]: weights[name] },
          lr: (k: number) => CO_RATES[group] * rampDown(k),
          initialLr: CO_RATES[group],
          weightDecay: CO_DECAYS[group],
        })),
        { arithmetic },
      ),
  };
}

const CASES = [
  adamWDL("intended", originals.adamWDLIntended),
  adamWDL("documented", originals.adamWDLDocumented),
  adamWDL("executed", originals.adamWDLExecuted),
  mindFormers("intended", originals.mindFormersExecuted),
  mindFormers("documented", originals.mindFormersDocumented),
  mindFormers("executed", originals.mindFormersExecuted),
  decoupled("intended", originals.decoupledExecuted),
  decoupled("documented", originals.decoupledDocumented),
  decoupled("executed", originals.decoupledExecuted),
];

/** Sums of squared errors against the float64 evaluation: the optimizer's and float32's. */
function squaredErrors({ formula, rates, make }: Case, seed: number) {
  const draw = xorshift32(seed);
  const weights = Object.fromEntries(
    NAMES.map((name) => [name, Float32Array.from({ length: LENGTH }, () => weightValue(draw()))]),
  );
  const optimizer = make(weights);
  const evaluations = [originals.exactly, originals.inFloat32].map((round) => ({
    round,
    states: NAMES.map((name) => originals.originalState(weights[name])),
  }));
  for (let k = 0; k < STEPS; k++) {
    const gradients = Object.fromEntries(
      NAMES.map((name) => [
        name,
        Float32Array.from({ length: LENGTH }, () => gradientValue(draw())),
      ]),
    );
    optimizer.step(gradients);
    for (const { round, states } of evaluations) {
      states.forEach((state, group) => {
        const rate = rates(group, k);
        originals.originalStep(state, gradients[NAMES[group]], rate, formula, round);
      });
    }
  }
  const [exact, float32] = evaluations.map(({ states }) => states.flatMap(({ p }) => [...p]));
  const ours = NAMES.flatMap((name) => [...optimizer.parameter(name).master]);
  optimizer.dispose();
  const distance = (values: number[]) =>
    values.reduce((sum, value, i) => sum + (value - exact[i]) * (value - exact[i]), 0);
  return { ours: distance(ours), float32: distance(float32) };
}

for (const one of CASES) {
  test(`${one.name} is as near to its formula in float64 as that formula in float32`, () => {
    let [ours, float32] = [0, 0];
    for (const seed of SEEDS) {
      const errors = squaredErrors(one, seed);
      ours += errors.ours;
      float32 += errors.float32;
    }
    assert.ok(float32 > 0, "the float32 evaluation is no float64 evaluation");
    const ratio = Math.sqrt(ours / float32);
    assert.ok(ratio <= LIMIT, `RMS error ${ratio} of the float32 evaluation's, limit ${LIMIT}`);
  });
}

test.run();
