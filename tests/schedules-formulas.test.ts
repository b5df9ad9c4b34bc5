import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  annealingWithWarmupDecay,
  cosineAnnealing,
  cosineWithWarmup,
  exponential,
  inverseSqrt,
  inverseTime,
  linearWithWarmup,
  naturalExp,
  noam,
  oneCycle,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomial,
  tanhDecay,
  triStage,
  warmRestarts,
} from "../src/schedules/index.ts";
import { assertAt, assertValues } from "./reference/schedule-values.ts";

// Systems of which no run is at hand: their formulas, worked out by hand or with Math.
const test = suite("schedules: formulas");
const near = 1e-14;

test("piecewise constant: the boundary belongs to the next value, in Keras to the one before", () => {
  const options = { boundaries: [2, 4], values: [1, 0.5, 0.25] };
  assertValues(piecewiseConstant(options), [1, 1, 0.5, 0.5, 0.25, 0.25], 0);
  const keras = piecewiseConstant({ ...options, atBoundary: "previous" });
  assertValues(keras, [1, 1, 1, 0.5, 0.5, 0.25], 0);
  assert.is(piecewiseConstant({ boundaries: [], values: [7] })(9), 7);
  assert.is(piecewiseConstant({ boundaries: [0], values: [7, 8] })(0), 8);
});

test("piecewise interpolation meets its values and is halfway between them halfway", () => {
  const options = { boundaries: [4, 8], values: [0, 1, 0.5] };
  const linear = piecewiseInterpolate({ ...options, between: "linear" });
  assertValues(linear, [0, 0.25, 0.5, 0.75, 1, 0.875, 0.75, 0.625, 0.5, 0.5], near);
  const cosine = piecewiseInterpolate({ ...options, between: "cosine" });
  assertAt(cosine, [
    [0, 0],
    [1, (1 - Math.SQRT1_2) / 2],
    [2, 0.5],
    [4, 1],
    [6, 0.75],
    [8, 0.5],
    [1e9, 0.5],
  ]);
});

test("exponential: staircase, a late beginning and an end value", () => {
  const stairs = exponential({ peak: 1, gamma: 0.5, decayPeriod: 3, staircase: true });
  assertValues(stairs, [1, 1, 1, 0.5, 0.5, 0.5, 0.25], 0);
  const late = exponential({ peak: 1, gamma: 0.5, transitionBegin: 2, endValue: 0.2 });
  assertValues(late, [1, 1, 1, 0.5, 0.25, 0.2, 0.2], 0);
  const growing = exponential({ peak: 1, gamma: 2, endValue: 5 });
  assertValues(growing, [1, 2, 4, 5, 5], 0);
  const slow = exponential({ peak: 1, gamma: 0.25, decayPeriod: 4 });
  assertAt(
    slow,
    [
      [2, 0.5],
      [4, 0.25],
      [8, 0.0625],
    ],
    near,
  );
});

test("natural exp: Paddle's per step, MindSpore's with is_stair", () => {
  const paddle = naturalExp({ peak: 2, rate: 0.1 });
  assertValues(
    paddle,
    [0, 1, 2, 3].map((k) => 2 * Math.exp(-0.1 * k)),
    near,
  );
  // decay_rate 0.1, decay_steps 4, is_stair: e^(-0.1 * floor(k / 4) * 4).
  const mindspore = naturalExp({ peak: 2, rate: 0.4, decayPeriod: 4, staircase: true });
  assertAt(
    mindspore,
    [
      [3, 2],
      [4, 2 * Math.exp(-0.4)],
      [11, 2 * Math.exp(-0.8)],
    ],
    near,
  );
});

test("inverse time: Paddle's per step, Keras's per period and in stairs", () => {
  assertValues(inverseTime({ peak: 1, rate: 0.5 }), [1, 1 / 1.5, 0.5, 0.4], near);
  const keras = inverseTime({ peak: 1, rate: 1, decayPeriod: 4 });
  assertAt(
    keras,
    [
      [2, 1 / 1.5],
      [4, 0.5],
      [12, 0.25],
    ],
    near,
  );
  const stairs = inverseTime({ peak: 1, rate: 1, decayPeriod: 4, staircase: true });
  assertAt(
    stairs,
    [
      [3, 1],
      [4, 0.5],
      [11, 1 / 3],
    ],
    near,
  );
});

test("polynomial: Paddle's cycle decays over 2T, then 3T", () => {
  const lr = polynomial({ peak: 1, totalSteps: 4, power: 1, cycle: true });
  assertValues(lr, [1, 0.75, 0.5, 0.25, 0, 3 / 8, 2 / 8, 1 / 8, 0, 3 / 12, 2 / 12], near);
  const held = polynomial({ peak: 1, totalSteps: 4, power: 0.5, floor: 0.5 });
  assertAt(
    held,
    [
      [0, 1],
      [3, 0.75],
      [4, 0.5],
      [5, 0.5],
      [2 ** 53 - 1, 0.5],
    ],
    near,
  );
});

test("kDecay bends the progress", () => {
  const square = cosineAnnealing({ peak: 1, totalSteps: 4, kDecay: 2 });
  assertValues(
    square,
    [0, 1, 2, 3, 4].map((k) => (1 + Math.cos((Math.PI * k * k) / 16)) / 2),
    near,
  );
  const restarts = warmRestarts({ peak: 1, t0: 4, kDecay: 2 });
  for (let k = 0; k < 4; k++) assert.is(restarts(k + 4), square(k));
  const poly = polynomial({ peak: 1, totalSteps: 4, power: 1, kDecay: 2 });
  assertValues(poly, [1, 15 / 16, 12 / 16, 7 / 16, 0], near);
});

test("warm restarts: timm lowers the peak, Keras the amplitude; timm stops after its limit", () => {
  const options = { peak: 1, t0: 2, floor: 0.2, cycleDecay: 0.5 };
  assertValues(warmRestarts(options), [1, 0.6, 0.5, 0.35, 0.25, 0.225], near);
  const keras = warmRestarts({ ...options, cycleDecayOf: "amplitude" });
  assertValues(keras, [1, 0.6, 0.6, 0.4, 0.4, 0.3], near);
  const limited = warmRestarts({ ...options, cycleLimit: 2 });
  assertValues(limited, [1, 0.6, 0.5, 0.35, 0.2, 0.2], near);
});

test("warm restarts begin at the right steps, also late ones", () => {
  for (const tMult of [2, 3, 5, 6, 10]) {
    const lr = warmRestarts({ peak: 1, t0: 6, tMult });
    let [start, length] = [0, 6];
    while (start + length < 2 ** 50) {
      [start, length] = [start + length, length * tMult];
      assert.is(lr(start), 1, `step ${start}, tMult ${tMult}`);
      assert.ok(lr(start - 1) < 0.1, `step ${start} - 1, tMult ${tMult}`);
    }
  }
});

test("whole cycles: 3 * 1.5 is cut to 4, and what cannot grow stays", () => {
  const lr = warmRestarts({ peak: 1, t0: 3, tMult: 1.5, lengths: "whole" });
  // Lengths 3, 4, 6, 9.
  assert.equal([0, 3, 7, 13, 22].map(lr), [1, 1, 1, 1, 1]);
  assert.is(lr(5), 0.5);
  const stuck = warmRestarts({ peak: 1, t0: 2, tMult: 1.2, lengths: "whole" });
  assert.equal([0, 1, 2, 3, 2 ** 53 - 2].map(stuck), [1, 0.5, 1, 0.5, 1]);
});

test("noam: Paddle counts from 0, the paper from 1", () => {
  const paddle = noam({ dModel: 16, warmupSteps: 4, scale: 2 });
  const formula = (n: number) => 2 * 16 ** -0.5 * Math.min(n ** -0.5, n * 4 ** -1.5);
  assertValues(paddle, [0, ...[1, 2, 3, 4, 5, 6, 7, 8].map(formula)], near);
  assert.is(paddle.base, paddle(4));
  const paper = noam({ dModel: 16, warmupSteps: 4, scale: 2, counting: "k+1" });
  assertValues(paper, [1, 2, 3, 4, 5, 6].map(formula), near);
});

test("fairseq's inverse square root is peak * sqrt(W / k)", () => {
  const lr = inverseSqrt({ peak: 1, warmupSteps: 4, start: 0.2 });
  assertValues(lr, [0.2, 0.4, 0.6, 0.8, 1, Math.sqrt(4 / 5), Math.sqrt(4 / 6)], near);
});

test("fairseq's tri-stage", () => {
  const lr = triStage({ peak: 1, warmupSteps: 2, holdSteps: 2, decaySteps: 4 });
  const decay = [0, 0.25, 0.5, 0.75].map((x) => 0.01 ** x);
  assertValues(lr, [0.01, 0.505, 1, 1, ...decay, 0.01, 0.01], near);
  const high = triStage({ peak: 10, warmupSteps: 2, holdSteps: 1, decaySteps: 2 });
  assertValues(high, [0.1, 5.05, 10, 10, 1, 0.1, 0.1], 1e-13);
  const scales = { initScale: 0.5, finalScale: 0.25 };
  const bare = triStage({ peak: 1, warmupSteps: 0, holdSteps: 0, decaySteps: 2, ...scales });
  assertValues(bare, [1, 0.5, 0.25, 0.25], near);
});

test("timm's tanh", () => {
  const lr = tanhDecay({ peak: 1, totalSteps: 5, floor: 0.1 });
  const formula = (x: number) => 0.1 + 0.45 * (1 - Math.tanh(-7 * (1 - x) + 3 * x));
  assertValues(lr, [0, 0.2, 0.4, 0.6, 0.8].map(formula), near);
  assertAt(
    lr,
    [
      [5, 0.1],
      [6, 0.1],
    ],
    0,
  );
});

test("Megatron's annealing is a warm-up from 0 and a decay to a floor", () => {
  const options = { peak: 1, floor: 0.1, warmupSteps: 3, totalSteps: 9 };
  const cosine = annealingWithWarmupDecay({ ...options, decay: "cosine" });
  const linear = annealingWithWarmupDecay({ ...options, decay: "linear" });
  for (let k = 0; k < 15; k++) {
    assert.ok(Math.abs(cosine(k) - cosineWithWarmup(options)(k)) < near, `cosine ${k}`);
    assert.ok(Math.abs(linear(k) - linearWithWarmup(options)(k)) < near, `linear ${k}`);
  }
  assertAt(
    linear,
    [
      [0, 0],
      [3, 1],
      [6, 0.55],
      [9, 0.1],
      [10, 0.1],
    ],
    near,
  );
});

test("one cycle ends where torch throws, or holds", () => {
  const options = { peak: 1, totalSteps: 10 };
  assert.throws(
    () => oneCycle(options)(10),
    /"k" of oneCycle: expected a step below 10, .* got 10/,
  );
  const held = oneCycle({ ...options, pastEnd: "hold" });
  assert.is(held(10), held(9));
  // So short that there is no way up: it begins on the way down.
  assertAt(
    oneCycle({ peak: 1, totalSteps: 2, pctStart: 0.5 }),
    [
      [0, 1],
      [1, 4e-6],
    ],
    near,
  );
});

test("a rate of 0 stays, also where periods are too many for float64", () => {
  for (const schedule of [naturalExp, inverseTime]) {
    assert.is(schedule({ peak: 1, rate: 0, decayPeriod: 1e-308 })(10), 1);
  }
});

test.run();
