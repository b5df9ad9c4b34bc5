import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  type AdamWOptions,
  WeightAverage,
  type WeightAverageOptions,
} from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";
import { narrowed } from "./reference/round-half.ts";

const test = suite("weight average");

const LENGTHS: Record<string, number> = { a: 1, empty: 0, b: 20_007, c: 7 };
const NAMES = Object.keys(LENGTHS);
const arrays = (seed: number) =>
  Object.fromEntries(
    NAMES.map((name) => [name, realistic(LENGTHS[name], seed * 10 + name.length)]),
  );

function train(optimizer: AdamW, average: WeightAverage, from: number, to: number): number {
  let merges = 0;
  for (let k = from; k < to; k++) {
    optimizer.step(arrays(100 + k));
    if (average.update()) merges++;
  }
  return merges;
}

/** An average over samples that are given: an optimizer that stands still is set to each. */
function averageOf(samples: readonly Float32Array[], options: WeightAverageOptions): Float32Array {
  const optimizer = new AdamW({ w: samples[0] }, { lr: 0 });
  const average = new WeightAverage(optimizer, { interleaveSteps: 1, ...options });
  for (const w of samples) {
    optimizer.setWeights({ w });
    optimizer.step({ w: new Float32Array(w.length) });
    average.update();
  }
  return average.average()?.w ?? optimizer.parameter("w").master.slice();
}

for (const algorithm of ["ema", "sma"] as const) {
  test(`${algorithm}: equal weights are merged to the same bits, where the original's shrink to 0.893 of them`, () => {
    const optimizer = new AdamW(arrays(1), { lr: 0 });
    const average = new WeightAverage(optimizer, { algorithm, interleaveSteps: 2 });
    const before = optimizer.weightsDigest();
    assert.is(train(optimizer, average, 0, 40), 2);
    assert.is(optimizer.weightsDigest(), before);
  });
}

const RANDOM = Array.from({ length: 10 }, (_, i) => realistic(501, 40 + i));
const EXACT = 2 ** -20; // of values up to 1, after ten float32 averages

for (const alpha of [0.2, 0.5, 0.999, 1e-6]) {
  test(`ema ${alpha}: the original's sum over what its shares sum to, in float64`, () => {
    const w = averageOf(RANDOM, { alpha });
    let keep = 1;
    for (let i = 0; i < 10; i++) keep *= 1 - alpha;
    for (let j = 0; j < w.length; j++) {
      const sum = RANDOM.reduce((old, p) => (1 - alpha) * old + alpha * p[j], 0);
      assert.ok(Math.abs(w[j] - sum / (1 - keep)) < EXACT, `${j}: ${w[j]}, ${sum / (1 - keep)}`);
    }
  });
}

test("sma: the mean, in float64", () => {
  const w = averageOf(RANDOM, { algorithm: "sma" });
  for (let j = 0; j < w.length; j++) {
    const mean = RANDOM.reduce((sum, p) => sum + p[j], 0) / 10;
    assert.ok(Math.abs(w[j] - mean) < EXACT, `${j}: ${w[j]}, ${mean}`);
  }
});

for (const [algorithm, alpha, keep] of [
  ["ema", 0.3, 1 - 0.3],
  ["sma", undefined, 1],
] as const) {
  test(`${algorithm}: w + (p - w) * share, each operation rounded once`, () => {
    let weight = 0;
    const expected = new Float32Array(501);
    RANDOM.forEach((p, n) => {
      weight = weight * keep + 1;
      const share = Math.fround(1 / weight);
      assert.ok(n > 0 || share === 1);
      for (let j = 0; j < p.length; j++) {
        const toward = Math.fround(Math.fround(p[j] - expected[j]) * share);
        expected[j] = n === 0 ? p[j] : Math.fround(expected[j] + toward);
      }
    });
    for (const merge of [true, false]) {
      const options = { algorithm, ...(alpha === undefined ? {} : { alpha }), merge };
      assert.is(differingBits(averageOf(RANDOM, options), expected), -1, `merge ${merge}`);
    }
  });
}

test("small numbers, by hand", () => {
  const of = (...values: number[]) => values.map((value) => Float32Array.of(value, -0));
  const options = { merge: false } as const;
  assert.equal([...averageOf(of(1, 2, 6), { ...options, algorithm: "sma" })], [3, 0]);
  // (1 * .25 + 2 * .5 + 4) / 1.75
  assert.equal([...averageOf(of(1, 2, 4), { ...options, alpha: 0.5 })], [3, 0]);
  assert.ok(Object.is(averageOf(of(1), options)[1], -0), "one sample is the average, to the bit");
});

test("samples at multiples of interleaveSteps, merges after fusedSteps samples, and begins anew", () => {
  const optimizer = new AdamW(arrays(1), { lr: 0.01 });
  const average = new WeightAverage(optimizer, { interleaveSteps: 3, fusedSteps: 2, alpha: 0.5 });
  const counts: number[] = [];
  const merged: number[] = [];
  let window: Float32Array[] = [];
  for (let k = 1; k <= 13; k++) {
    optimizer.step(arrays(k));
    if (k % 3 === 0) window.push(optimizer.parameter("c").master.slice());
    const expected = window.length === 2 ? averageOf(window, { alpha: 0.5, merge: false }) : null;
    const moment = optimizer.parameter("c").expAvg.slice();
    if (average.update()) {
      merged.push(k);
      assert.is(differingBits(optimizer.parameter("c").master, expected ?? moment), -1);
      assert.is(differingBits(optimizer.parameter("c").expAvg, moment), -1);
      assert.is(optimizer.parameter("c").step, k);
      window = [];
    }
    counts.push(average.samples);
  }
  assert.equal(counts, [0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0]);
  assert.equal(merged, [6, 12]);
});

test("begun halfway, it keeps the optimizer's multiples and still fills its window", () => {
  const optimizer = new AdamW(arrays(1));
  for (let k = 0; k < 4; k++) optimizer.step(arrays(k));
  const average = new WeightAverage(optimizer, { interleaveSteps: 3, fusedSteps: 2 });
  assert.is(average.update(), false);
  train(optimizer, average, 4, 6);
  assert.is(average.samples, 1);
  assert.is(train(optimizer, average, 6, 8), 0);
  assert.is(train(optimizer, average, 8, 9), 1);
});

test("a step counts once, and one that was skipped not at all", () => {
  const optimizer = new AdamW(arrays(1), { nonFinite: "skip" });
  const average = new WeightAverage(optimizer, { interleaveSteps: 1 });
  assert.is(average.update(), false);
  assert.is(average.samples, 0, "no step yet");
  optimizer.step(arrays(1));
  average.update();
  average.update();
  assert.is(average.samples, 1);
  assert.is(optimizer.step({ a: Float32Array.of(Number.NaN) }).applied, false);
  average.update();
  assert.is(average.samples, 1);
});

test("with merge: false the optimizer is only read", () => {
  const alone = new AdamW(arrays(1));
  const watched = new AdamW(arrays(1));
  const average = new WeightAverage(watched, { interleaveSteps: 1, merge: false, alpha: 0.1 });
  for (let k = 0; k < 25; k++) alone.step(arrays(100 + k));
  assert.is(train(watched, average, 0, 25), 0);
  assert.is(average.samples, 25);
  assert.is(watched.digest(), alone.digest());
  const first = average.average() ?? {};
  first.a.fill(9);
  assert.is.not(average.average()?.a[0], 9, "copies");
  assert.equal(Object.keys(first), NAMES);
});

test("null without a sample, also after a merge", () => {
  const optimizer = new AdamW(arrays(1));
  const average = new WeightAverage(optimizer, { interleaveSteps: 1, fusedSteps: 2 });
  assert.is(average.average(), null);
  train(optimizer, average, 0, 2);
  assert.is(average.average(), null);
});

test("the defaults are the original's", () => {
  const { algorithm, alpha, interleaveSteps, fusedSteps } = new WeightAverage(
    new AdamW(arrays(1)),
  ).state();
  assert.equal([algorithm, alpha, interleaveSteps, fusedSteps], ["ema", 0.2, 1000, 10]);
});

for (const algorithm of ["ema", "sma"] as const) {
  for (const model of ["float32", "float16"] as const) {
    test(`${algorithm}, ${model}: slabs, order and groups leave no trace`, () => {
      const run = (names: readonly string[], options: AdamWOptions, split: boolean) => {
        const all = names.map((name) => ({ name, shape: [LENGTHS[name]], data: arrays(1)[name] }));
        const groups = split ? [{ params: all.slice(0, 2) }, { params: all.slice(2) }] : all;
        const optimizer = new AdamW(groups as never, { ...options, precision: { model } });
        const average = new WeightAverage(optimizer, {
          algorithm,
          interleaveSteps: 2,
          fusedSteps: 3,
        });
        assert.is(train(optimizer, average, 0, 16), 2);
        return { optimizer, average };
      };
      const one = run(NAMES, {}, false);
      const reversed = [...NAMES].reverse();
      for (const other of [
        run(reversed, {}, true),
        run(NAMES, { slabBytes: 2 ** 19 }, false),
        run(reversed, { slabBytes: 2 ** 19 + 2 ** 16 }, false),
      ]) {
        assert.is(other.optimizer.digest(), one.optimizer.digest());
        for (const name of NAMES) {
          const [a, b] = [one, other].map(({ average }) => average.average()?.[name]);
          assert.is(differingBits(a as Float32Array, b as Float32Array), -1, name);
        }
      }
      const parts = run(NAMES, { slabBytes: 2 ** 19 }, false).optimizer.parameter("b").parts;
      assert.ok(parts.length > 1, "the weight is split");
    });
  }
}

test("a merge narrows the model copy", () => {
  const optimizer = new AdamW(arrays(1), { precision: { model: "float16" }, lr: 0.1 });
  const average = new WeightAverage(optimizer, { interleaveSteps: 1, fusedSteps: 3 });
  train(optimizer, average, 0, 2);
  const before = optimizer.parameter("b").model?.slice();
  assert.is(train(optimizer, average, 2, 3), 1);
  const { master, model } = optimizer.parameter("b");
  assert.equal(model, narrowed(master, "float16").halves);
  assert.is.not(
    model?.every((bits, i) => bits === before?.[i]),
    true,
  );
});

test.run();
