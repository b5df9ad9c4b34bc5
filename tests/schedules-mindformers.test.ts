import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  constantWithCoolDown,
  constantWithWarmup,
  cosineAnnealing,
  cosineWithHardRestarts,
  cosineWithWarmup,
  linearWithWarmup,
  polynomialWithWarmup,
  scaled,
  vector,
  warmRestarts,
  warmupStableDecay,
} from "../src/schedules/index.ts";
import { assertAt } from "./reference/schedule-values.ts";

// Values of mindformers' own tests: lr 0.005, 20 steps, 10 of them warm-up, at steps 1, 10, 19.
const test = suite("schedules: mindformers");
const warm = { peak: 0.005, warmupSteps: 10, totalSteps: 20 };
const at = (...values: [number, number, number]): [number, number][] => [
  [1, values[0]],
  [10, values[1]],
  [19, values[2]],
];

test("constant, linear, cosine and polynomial with warm-up", () => {
  const constant = constantWithWarmup({ peak: 0.005, warmupSteps: 10 });
  assertAt(constant, at(0.0005, 0.005, 0.005));
  assertAt(linearWithWarmup(warm), at(0.0005, 0.005, 0.0005));
  assertAt(cosineWithWarmup(warm), at(0.0005, 0.005, 0.00012236));
  const polynomial = polynomialWithWarmup({ ...warm, power: 1, floor: 1e-7 });
  assertAt(polynomial, at(0.0005, 0.005, 0.00050009));
});

test("cosine with one hard restart is the cosine", () => {
  assertAt(cosineWithHardRestarts({ ...warm, cycles: 1 }), at(0.0005, 0.005, 0.00012236));
});

test("warm-up, stable, decay from step 15", () => {
  const stages = { peak: 0.005, warmupSteps: 10, stableSteps: 5, decaySteps: 5 };
  const lr = warmupStableDecay({ ...stages, decay: "linear", floor: 1e-7 });
  assertAt(lr, at(0.0005, 0.005, 0.00100008));
});

test("where theirs is NaN or below zero, ours is not", () => {
  const stages = { peak: 0.005, warmupSteps: 0, stableSteps: 5, decaySteps: 5 };
  const lr = warmupStableDecay({ ...stages, decay: "linear", floor: 1e-7 });
  assert.is(lr(0), 0.005);
  assert.is(lr(1000), 1e-7);
});

test("cosine annealing oscillates; warm restarts", () => {
  const wave = cosineAnnealing({ peak: 0.005, totalSteps: 10, floor: 1e-7, past: "oscillate" });
  assertAt(wave, at(0.00487764, 1e-7, 0.00487764));
  const restarts = warmRestarts({ peak: 0.005, t0: 10, tMult: 2, floor: 1e-7 });
  assertAt(restarts, at(0.00487764, 0.005, 0.00289113));
});

test("constant with cool-down", () => {
  const lr = constantWithCoolDown({
    peak: 0.005,
    warmupSteps: 10,
    keepSteps: 10,
    decaySteps: 10,
    end1: 2e-7,
    finalSteps: 10,
    end2: 1e-7,
  });
  assertAt(lr, [
    [1, 0.0005],
    [15, 0.005],
    [29, 0.00012255],
    [35, 2e-7],
    [45, 1e-7],
  ]);
  assert.is(lr(39), 2e-7);
  assert.is(lr(40), 1e-7);
});

test("without end2 the cool-down stays where it is", () => {
  const stages = { peak: 1, warmupSteps: 0, keepSteps: 1, decaySteps: 2, finalSteps: 1 };
  const lr = constantWithCoolDown({ ...stages, end1: 0.5 });
  assert.equal([0, 1, 2, 3, 4, 1e9].map(lr), [1, 1, 0.75, 0.5, 0.5, 0.5]);
});

test("a vector gives its element k and says where it ends", () => {
  const values = [0.3, 0.2, 0.1];
  const lr = vector({ values });
  values[0] = 9;
  assert.equal([0, 1, 2].map(lr), [0.3, 0.2, 0.1]);
  assert.is(lr.base, 0.3);
  assert.throws(
    () => lr(3),
    (error: Error) =>
      error instanceof RangeError &&
      error.message ===
        '"k" of vector: expected a step below 3, its length, got 3. Train for fewer steps, or give pastEnd: "hold"',
  );
  assert.is(vector({ values, pastEnd: "hold" })(7), 0.1);
});

test("a vector is read once, from anything that can be iterated over", () => {
  function* generated() {
    for (let k = 0; k < 4; k++) yield 1 / (1 + k);
  }
  const lr = vector({ values: generated() });
  assert.equal([3, 0, 3].map(lr), [0.25, 1, 0.25]);
  assert.is(vector({ values: new Float32Array([0.5, 0.25]) })(1), 0.25);
  assert.is(vector({ values: new Set([1, 2]) })(1), 2);
});

test("a layer's share of a schedule", () => {
  const lr = scaled({ schedule: linearWithWarmup(warm), scale: 0.5 });
  assertAt(lr, at(0.00025, 0.0025, 0.00025));
  assert.is(lr.base, 0.0025);
});

test.run();
