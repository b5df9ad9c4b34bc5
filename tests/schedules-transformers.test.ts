import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  constantWithWarmup,
  cosineWithHardRestarts,
  cosineWithWarmup,
  inverseSqrt,
  linearWithWarmup,
  polynomialWithWarmup,
  warmupStableDecay,
} from "../src/schedules/index.ts";
import { assertAt, assertValues } from "./reference/schedule-values.ts";

// The first three: values that transformers 5.18.0 gave for lr 10, 10 steps, 2 of them warm-up.
const test = suite("schedules: transformers");
const warm = { peak: 10, warmupSteps: 2, totalSteps: 10 };

test("linear", () => {
  const lr = linearWithWarmup(warm);
  assertValues(lr, [0, 5, 10, 8.75, 7.5, 6.25, 5, 3.75, 2.5, 1.25, 0, 0, 0], 1e-14);
});

test("cosine", () => {
  assertValues(cosineWithWarmup(warm), [0, 5, 10, 9.61, 8.53, 6.91, 5, 3.08, 1.46, 0.38], 0.01);
});

test("cosine with two hard restarts", () => {
  const lr = cosineWithHardRestarts({ ...warm, cycles: 2 });
  assertValues(lr, [0, 5, 10, 8.53, 5, 1.46, 10, 8.53, 5, 1.46, 0, 0], 0.01);
});

test("constant with warm-up", () => {
  assertValues(constantWithWarmup({ peak: 10, warmupSteps: 4 }), [0, 2.5, 5, 7.5, 10, 10], 0);
});

test("the wave of transformers goes on past the end; ours holds unless asked", () => {
  const wave = cosineWithWarmup({ ...warm, past: "oscillate" });
  assertAt(
    wave,
    [
      [10, 0],
      [14, 5],
      [18, 10],
      [26, 0],
    ],
    1e-14,
  );
  assertAt(
    cosineWithWarmup(warm),
    [
      [10, 0],
      [14, 0],
      [18, 0],
    ],
    0,
  );
});

test("PaddleNLP's default of one whole wave returns to the peak", () => {
  const lr = cosineWithWarmup({ ...warm, cycles: 1 });
  assertAt(
    lr,
    [
      [2, 10],
      [4, 5],
      [6, 0],
      [8, 5],
      [10, 10],
      [11, 10],
    ],
    1e-14,
  );
});

test("cosine_with_min_lr", () => {
  // base * (f * (1 - r) + r) with f the plain cosine and r = 0.1.
  const plain = cosineWithWarmup(warm);
  const lr = cosineWithWarmup({ ...warm, floor: 1 });
  for (let k = 2; k < 12; k++) assert.ok(Math.abs(lr(k) - (plain(k) * 0.9 + 1)) < 1e-14, `${k}`);
});

test("cosine_warmup_with_min_lr: (k+1)/W, and the decay one step ahead", () => {
  const lr = cosineWithWarmup({ ...warm, floor: 1, ramp: "(k+1)/W", progress: "k-W+1" });
  const factor = (k: number) => {
    if (k < 2) return (k + 1) / 2;
    const f = 0.5 * (1 + Math.cos((Math.PI * (k - 2 + 1)) / 8));
    return f * 0.9 + 0.1;
  };
  assertValues(
    lr,
    Array.from({ length: 10 }, (_, k) => 10 * factor(k)),
    1e-13,
  );
  assert.is(lr(9), 1);
});

test("cosine_warmup_with_min_lr with warmup_lr_rate: k/(W-1) from start", () => {
  const options = { peak: 10, warmupSteps: 5, totalSteps: 10, start: 2, floor: 1 };
  const lr = cosineWithWarmup({ ...options, ramp: "k/(W-1)", progress: "k-W+1" });
  assertValues(lr, [2, 4, 6, 8, 10], 1e-14);
  const single = cosineWithWarmup({ ...options, warmupSteps: 1, ramp: "k/(W-1)" });
  assert.is(single(0), 2, "a single step of warm-up is at its start");
});

test("polynomial", () => {
  const lr = polynomialWithWarmup({ ...warm, power: 2, floor: 1e-7 });
  const after = (k: number) => (10 - 1e-7) * (1 - (k - 2) / 8) ** 2 + 1e-7;
  assertAt(
    lr,
    [
      [0, 0],
      [1, 5],
      [2, 10],
      [3, after(3)],
      [9, after(9)],
      [10, 1e-7],
      [99, 1e-7],
    ],
    1e-14,
  );
});

test("inverse_sqrt, with its timescale and without", () => {
  const lr = inverseSqrt({ peak: 10, warmupSteps: 4 });
  assertAt(
    lr,
    [
      [0, 0],
      [2, 5],
      [4, 10],
      [16, 5],
      [400, 1],
    ],
    1e-14,
  );
  const slow = inverseSqrt({ peak: 10, warmupSteps: 4, timescale: 12 });
  assertAt(
    slow,
    [
      [4, 10],
      [40, 5],
      [4 + 24, 10 / Math.sqrt(3)],
    ],
    1e-14,
  );
  // Without a warm-up the timescale is 10,000.
  assertAt(
    inverseSqrt({ peak: 10, warmupSteps: 0 }),
    [
      [0, 10],
      [30_000, 5],
    ],
    1e-14,
  );
});

test("warmup_stable_decay: each way up and down", () => {
  const stages = { peak: 10, warmupSteps: 4, stableSteps: 2, decaySteps: 4, floor: 1, start: 1 };
  const shape = (x: number) => 1 + 9 * x;
  const linear = warmupStableDecay({ ...stages, decay: "linear" });
  const straight = [0, 0.25, 0.5, 0.75, 1, 1, 1, 0.75, 0.5, 0.25, 0, 0];
  assertValues(linear, straight.map(shape), 1e-14);
  const cosine = warmupStableDecay({ ...stages, decay: "cosine", warmup: "cosine" });
  const half = (x: number) => 0.5 * (1 - Math.cos(Math.PI * x));
  assertValues(
    cosine,
    straight.map((x) => shape(half(x))),
    1e-14,
  );
  const root = warmupStableDecay({ ...stages, decay: "1-sqrt", warmup: "1-sqrt" });
  assertValues(
    root,
    straight.map((x) => shape(1 - Math.sqrt(1 - x))),
    1e-14,
  );
});

test("warmup_stable_decay: cycles are of the cosine only", () => {
  const stages = { peak: 10, warmupSteps: 0, stableSteps: 0, decaySteps: 4, cycles: 1 };
  assertValues(warmupStableDecay({ ...stages, decay: "cosine" }), [10, 5, 0, 5, 0], 1e-14);
  assertValues(warmupStableDecay({ ...stages, decay: "linear" }), [10, 7.5, 5, 2.5, 0], 1e-14);
});

test("every schedule with a warm-up works without one", () => {
  const none = { peak: 10, warmupSteps: 0, totalSteps: 4 };
  assert.is(linearWithWarmup(none)(0), 10);
  assert.is(cosineWithWarmup(none)(0), 10);
  assert.is(cosineWithHardRestarts({ ...none, cycles: 1 })(0), 10);
  assert.is(polynomialWithWarmup({ ...none, power: 1 })(0), 10);
  assert.is(constantWithWarmup({ peak: 10, warmupSteps: 0 })(0), 10);
});

test.run();
