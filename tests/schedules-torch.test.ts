import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  chained,
  constantFactor,
  cosineAnnealing,
  cyclic,
  exponential,
  lambda,
  linear,
  multiplicative,
  multiStep,
  oneCycle,
  polynomial,
  sequential,
  stepDecay,
  warmRestarts,
} from "../src/schedules/index.ts";
import { assertValues } from "./reference/schedule-values.ts";

// Values that torch 2.13.0 gave for lr 1: the optimizer's lr before each step, from step 0 on.
const test = suite("schedules: torch");

test("StepLR(3, 0.5)", () => {
  const lr = stepDecay({ peak: 1, stepSize: 3, gamma: 0.5 });
  assertValues(lr, [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125], 0);
});

test("MultiStepLR counts a milestone twice that is there twice", () => {
  const once = multiStep({ peak: 1, milestones: [2, 5], gamma: 0.1 });
  assertValues(once, [1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01], 1e-15);
  const twice = multiStep({ peak: 1, milestones: [2, 2, 5], gamma: 0.1 });
  assertValues(twice, [1, 1, 0.01, 0.01, 0.01, 0.001, 0.001], 1e-15);
});

test("ConstantLR(1/3, 5)", () => {
  const lr = constantFactor({ base: 1, factor: 1 / 3, totalSteps: 5 });
  const third = 0.33333333;
  assertValues(lr, [third, third, third, third, third, 1, 1, 1]);
});

test("LinearLR(1/3, 1, 5)", () => {
  const lr = linear({ base: 1, startFactor: 1 / 3, endFactor: 1, totalSteps: 5 });
  assertValues(lr, [0.33333333, 0.46666667, 0.6, 0.73333333, 0.86666667, 1, 1, 1]);
});

test("ExponentialLR(0.9) and PolynomialLR(5, 2)", () => {
  assertValues(exponential({ peak: 1, gamma: 0.9 }), [1, 0.9, 0.81, 0.729, 0.6561], 1e-15);
  const poly = polynomial({ peak: 1, totalSteps: 5, power: 2 });
  assertValues(poly, [1, 0.64, 0.36, 0.16, 0.04, 0, 0, 0], 1e-15);
});

test("CosineAnnealingLR(5, 0.1) bounces", () => {
  const lr = cosineAnnealing({ peak: 1, totalSteps: 5, floor: 0.1, past: "oscillate" });
  const down = [1, 0.91405765, 0.68905765, 0.41094235, 0.18594235, 0.1];
  assertValues(lr, [...down, 0.18594235, 0.41094235, 0.68905765, 0.91405765, 1, 0.91405765]);
  const held = cosineAnnealing({ peak: 1, totalSteps: 5, floor: 0.1 });
  assertValues(held, [...down, 0.1, 0.1, 0.1, 0.1, 0.1]);
});

test("the closed form of CosineAnnealingLR is where its recursion goes", () => {
  const [T, floor] = [7, 0.05];
  const lr = cosineAnnealing({ peak: 1, totalSteps: T, floor, past: "oscillate" });
  let rate = 1;
  for (let k = 0; k < 60; k++) {
    assert.ok(Math.abs(rate - lr(k)) < 1e-9, `step ${k}: recursion ${rate}, got ${lr(k)}`);
    const next = k + 1;
    if ((next - 1 - T) % (2 * T) === 0) rate += ((1 - floor) * (1 - Math.cos(Math.PI / T))) / 2;
    else {
      const ratio = (1 + Math.cos((Math.PI * next) / T)) / (1 + Math.cos((Math.PI * k) / T));
      rate = ratio * (rate - floor) + floor;
    }
  }
});

test("CosineAnnealingWarmRestarts(3, 2, 0.1)", () => {
  const lr = warmRestarts({ peak: 1, t0: 3, tMult: 2, floor: 0.1 });
  const second = [1, 0.93971143, 0.775, 0.55, 0.325, 0.16028857];
  assertValues(lr, [1, 0.775, 0.325, ...second, 1, 0.98466662, 0.93971143]);
});

test("CyclicLR in its three modes", () => {
  const range = { floor: 0.1, peak: 1, stepSizeUp: 2 };
  const triangular = cyclic({ ...range, stepSizeDown: 3, mode: "triangular" });
  assertValues(triangular, [0.1, 0.55, 1, 0.7, 0.4, 0.1, 0.55], 1e-15);
  const halved = cyclic({ ...range, stepSizeDown: 2, mode: "triangular2" });
  const first = [0.1, 0.55, 1, 0.55];
  assertValues(halved, [...first, 0.1, 0.325, 0.55, 0.325, 0.1, 0.2125, 0.325, 0.2125], 1e-15);
  const shrunk = cyclic({ ...range, stepSizeDown: 2, mode: "expRange", gamma: 0.9 });
  const expected = [0.1, 0.505, 0.829, 0.42805, 0.1, 0.3657205, 0.5782969, 0.31523361];
  assertValues(shrunk, [...expected, 0.1, 0.27433922, 0.4138106, 0.24121477]);
});

test("OneCycleLR(1, 12)", () => {
  const lr = oneCycle({ peak: 1, totalSteps: 12 });
  const up = [0.04, 0.34978965, 0.87928516];
  const down = [0.99441544, 0.93301297, 0.81174565, 0.647379, 0.4626371, 0.283061];
  assertValues(lr, [...up, ...down, 0.13347753, 0.03456699, 4e-6], 5e-8);
});

test("OneCycleLR, linear, three_phase", () => {
  const lr = oneCycle({ peak: 1, totalSteps: 12, anneal: "linear", threePhase: true });
  const first = [0.04, 0.40923077, 0.77846154, 0.85230769, 0.48307692, 0.11384615];
  const last = [0.03448331, 0.02758745, 0.02069159, 0.01379572, 0.00689986, 4e-6];
  assertValues(lr, [...first, ...last]);
});

test("SequentialLR: LinearLR(0.1, 3 steps), then ExponentialLR(0.9)", () => {
  const warmup = linear({ base: 1, startFactor: 0.1, endFactor: 1, totalSteps: 3 });
  const decay = exponential({ peak: 1, gamma: 0.9 });
  const lr = sequential({ schedules: [warmup, decay], milestones: [3] });
  assertValues(lr, [0.1, 0.4, 0.7, 1, 0.9, 0.81, 0.729], 1e-15);
});

test("ChainedScheduler: ConstantLR(0.1, 2) and ExponentialLR(0.9)", () => {
  const schedules = [
    constantFactor({ base: 1, factor: 0.1, totalSteps: 2 }),
    exponential({ peak: 1, gamma: 0.9 }),
  ];
  assertValues(chained({ schedules }), [0.1, 0.09, 0.81, 0.729], 1e-15);
});

test("LambdaLR multiplies the base, MultiplicativeLR the rate before", () => {
  assertValues(lambda({ base: 2, factor: (k) => 1 / (1 + k) }), [2, 1, 2 / 3, 0.5], 1e-15);
  const halves = multiplicative({ base: 2, factor: (k) => (k === 3 ? 1 : 0.5) });
  assertValues(halves, [2, 1, 0.5, 0.5, 0.25], 0);
});

test.run();
