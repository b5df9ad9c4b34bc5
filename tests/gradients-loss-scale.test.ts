import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  dynamicLossScale,
  isLossScale,
  type LossScale,
  staticLossScale,
} from "../src/gradients/loss-scale.ts";
import type { DynamicLossScaleOptions } from "../src/gradients/loss-scale-options.ts";
import { xorshift32 } from "./reference/random.ts";

const test = suite("gradients: loss scale");

/** The scale after each step; "o" is a step with finite gradients, "x" one without. */
function scalesOf(scaler: LossScale, steps: string): number[] {
  return [...steps].map((step) => {
    scaler.update(step === "x");
    return scaler.scale;
  });
}

test("torch's sequence: scale, tracker and applied steps as torch 2.13 gave them", () => {
  const scaler = dynamicLossScale({ initialScale: 4, growthInterval: 2 });
  const [scales, trackers, applied]: number[][] = [[], [], []];
  let steps = 0;
  for (const step of "ooxoxoooo") {
    if (step === "o") steps++;
    scaler.update(step === "x");
    scales.push(scaler.scale);
    trackers.push(scaler.state().finiteSteps);
    applied.push(steps);
  }
  assert.equal(scales, [4, 8, 4, 4, 2, 2, 4, 4, 8]);
  assert.equal(trackers, [1, 0, 0, 1, 0, 1, 0, 1, 0]);
  assert.equal(applied, [1, 2, 2, 3, 3, 4, 5, 6, 7]);
});

test("Paddle's counters: finite steps restart the count of non-finite ones, and the reverse", () => {
  const scaler = dynamicLossScale({
    initialScale: 16,
    growthInterval: 3,
    decreaseEvery: 2,
    convention: "paddle",
  });
  // By hand after Paddle's update_loss_scaling kernel.
  const steps = "xoxxoooxooxxx";
  const expected = [16, 16, 16, 8, 8, 8, 16, 16, 16, 16, 16, 8, 8];
  const states = [...steps].map((step) => {
    scaler.update(step === "x");
    const { scale, finiteSteps, nonFiniteSteps } = scaler.state();
    return [scale, finiteSteps, nonFiniteSteps];
  });
  assert.equal(
    states.map(([scale]) => scale),
    expected,
  );
  assert.equal(
    states.map(([, finite]) => finite),
    [0, 1, 0, 0, 1, 2, 0, 0, 1, 2, 0, 0, 0],
  );
  assert.equal(
    states.map(([, , bad]) => bad),
    [1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1],
  );
});

test("Paddle's scale never falls below 1, torch's below the smallest normal float32", () => {
  const paddle = dynamicLossScale({ initialScale: 5, convention: "paddle" });
  assert.equal(scalesOf(paddle, "xxxx"), [2.5, 1.25, 1, 1]);
  const torch = dynamicLossScale({ initialScale: 2 });
  const scales = scalesOf(torch, "x".repeat(140));
  assert.equal(scales.slice(0, 3), [1, 0.5, 0.25]);
  assert.is(scales[139], 1 / 2 ** 126);
  assert.ok(Number.isFinite(Math.fround(1 / scales[139])));
});

test("it grows only if the product is a finite float32, and the count restarts all the same", () => {
  const scaler = dynamicLossScale({ initialScale: 2 ** 126, growthInterval: 2 });
  const top = 2 ** 127;
  assert.equal(scalesOf(scaler, "ooooo"), [2 ** 126, top, top, top, top]);
  assert.is(scaler.state().finiteSteps, 1);
});

test("minScale and maxScale bound it", () => {
  const scaler = dynamicLossScale({
    initialScale: 8,
    growthFactor: 4,
    backoffFactor: 0.125,
    growthInterval: 1,
    minScale: 3,
    maxScale: 100,
  });
  assert.equal(scalesOf(scaler, "ooxxoo"), [32, 100, 12.5, 3, 12, 48]);
  const paddle = dynamicLossScale({ initialScale: 1, minScale: 0.25, convention: "paddle" });
  assert.equal(scalesOf(paddle, "xxx"), [0.5, 0.25, 0.25]);
});

test("the scale is a float32, and Paddle's factors are too", () => {
  const options = { initialScale: 1000, backoffFactor: 0.3, growthFactor: 1.7, growthInterval: 1 };
  const torch = scalesOf(dynamicLossScale(options), "xxooo");
  let scale = 1000;
  for (const [i, factor] of [0.3, 0.3, 1.7, 1.7, 1.7].entries()) {
    scale = Math.fround(scale * factor);
    assert.is(torch[i], scale, `step ${i}`);
  }
  const single = { initialScale: 1e9, growthFactor: 1.000001, growthInterval: 1 };
  const [a] = scalesOf(dynamicLossScale(single), "o");
  const [b] = scalesOf(dynamicLossScale({ ...single, convention: "paddle" }), "o");
  assert.is(a, Math.fround(1e9 * 1.000001));
  assert.is(b, Math.fround(1e9 * Math.fround(1.000001)));
  assert.is.not(a, b);
  const fifth = { initialScale: 1e30, backoffFactor: 0.2 + 3e-9, minScale: 1 };
  const [c] = scalesOf(dynamicLossScale(fifth), "x");
  const [d] = scalesOf(dynamicLossScale({ ...fifth, convention: "paddle" }), "x");
  assert.is(c, Math.fround(Math.fround(1e30) * (0.2 + 3e-9)));
  assert.is(d, Math.fround(Math.fround(1e30) * Math.fround(0.2 + 3e-9)));
  assert.is(dynamicLossScale({ initialScale: 0.1 }).scale, Math.fround(0.1));
});

test("the defaults are torch's, and the settings make the same scale again", () => {
  const { settings } = dynamicLossScale();
  assert.equal(
    { ...settings },
    {
      initialScale: 65536,
      growthFactor: 2,
      backoffFactor: 0.5,
      growthInterval: 2000,
      decreaseEvery: 1,
      minScale: 1 / 2 ** 126,
      maxScale: (2 - 2 ** -23) * 2 ** 127,
      convention: "torch",
    },
  );
  assert.ok(Object.isFrozen(settings));
  const paddle = dynamicLossScale({ convention: "paddle", backoffFactor: 0.1 });
  const again = dynamicLossScale(paddle.settings as DynamicLossScaleOptions);
  assert.equal(again.settings, paddle.settings);
  const scaler = dynamicLossScale();
  assert.equal(new Set(scalesOf(scaler, "o".repeat(1999))), new Set([65536]));
  assert.equal(scalesOf(scaler, "ox"), [131072, 65536]);
});

test("a restored state goes on as the saved one would have", () => {
  const next = xorshift32(0x3c6ef372);
  for (let round = 0; round < 50; round++) {
    const options: DynamicLossScaleOptions = {
      initialScale: 1024,
      growthInterval: 1 + (next() % 4),
      decreaseEvery: 1 + (next() % 3),
      convention: round % 2 ? "torch" : "paddle",
    };
    const steps = Array.from({ length: 40 }, () => (next() % 3 ? "o" : "x")).join("");
    const cut = next() % 40;
    const original = dynamicLossScale(options);
    scalesOf(original, steps.slice(0, cut));
    const restored = dynamicLossScale(options);
    restored.restore(JSON.parse(JSON.stringify(original.state())));
    assert.equal(restored.state(), original.state());
    assert.equal(scalesOf(restored, steps.slice(cut)), scalesOf(original, steps.slice(cut)));
    assert.equal(restored.state(), original.state(), `round ${round}`);
  }
});

test("a scale may lie on either bound, from the start and when restored", () => {
  for (const bound of ["minScale", "maxScale"] as const) {
    const scaler = dynamicLossScale({ initialScale: 8, [bound]: 8 });
    assert.is(scaler.scale, 8);
    scaler.restore(scaler.state());
    assert.is(scaler.scale, 8);
  }
});

test("a refused restore changes nothing", () => {
  const scaler = dynamicLossScale({ growthInterval: 3 });
  scaler.update(false);
  const before = scaler.state();
  for (const wrong of [
    { scale: -1 },
    { finiteSteps: 3 },
    { nonFiniteSteps: 1 },
    { kind: "static" },
  ]) {
    const state = { ...before, scale: 4, ...wrong } as typeof before;
    assert.throws(() => scaler.restore(state), RangeError);
    assert.equal(scaler.state(), before);
  }
});

test("states are frozen snapshots", () => {
  const scaler = dynamicLossScale();
  const state = scaler.state();
  scaler.update(true);
  assert.is(state.scale, 65536);
  assert.ok(Object.isFrozen(state) && Object.isFrozen(staticLossScale(2).state()));
});

test("a static scale stays", () => {
  const scaler = staticLossScale(1000.1);
  const scale = Math.fround(1000.1);
  assert.equal(scalesOf(scaler, "oxxo"), [scale, scale, scale, scale]);
  assert.equal({ ...scaler.state() }, { kind: "static", scale, finiteSteps: 0, nonFiniteSteps: 0 });
  assert.equal({ ...scaler.settings }, { scale });
  assert.ok(Object.isFrozen(scaler.settings));
  scaler.restore(scaler.state());
  assert.is(scaler.scale, scale);
});

test("isLossScale knows what was made here", () => {
  assert.is(isLossScale(staticLossScale(2)), true);
  assert.is(isLossScale(dynamicLossScale()), true);
  for (const other of [1024, null, undefined, { kind: "static", scale: 2 }, "dynamic"]) {
    assert.is(isLossScale(other), false);
  }
});

test.run();
