import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { clipAdaptive, clipByGlobalNorm, clipByValue } from "../src/gradients/clip.ts";
import { staticLossScale } from "../src/gradients/loss-scale.ts";
import { AdamW, type AdamWOptions, type NamedGradients } from "../src/index.ts";
import { readGradients } from "../src/optimizers/gradient-input.ts";
import { realistic } from "./reference/patterns.ts";
import { assertRefused } from "./reference/refused.ts";
import { narrowed, valueOfHalf } from "./reference/round-half.ts";

const test = suite("accumulation, closures and 16-bit gradients in a step");

const start = () => ({
  w: realistic(5000, 1),
  e: { shape: [50, 4], data: realistic(200, 2) },
});
const batch = (seed: number) => ({ w: realistic(5000, seed), e: realistic(200, seed + 50) });

test("micro-batches add up in float32, in the order of the calls", () => {
  for (const average of [false, true]) {
    const options = { gradNorm: true, clip: clipByGlobalNorm(0.5) };
    const summed = new AdamW(start(), { ...options, slabBytes: 655_360 });
    const plain = new AdamW(start(), options);
    for (let round = 0; round < 3; round++) {
      const batches = [batch(10 * round), batch(10 * round + 1), batch(10 * round + 2)];
      for (const one of batches) summed.accumulate(one, { average });
      const sum = (name: "w" | "e") =>
        batches[0][name].map((x, i) => {
          const total = Math.fround(Math.fround(x + batches[1][name][i]) + batches[2][name][i]);
          return average ? total / 3 : total;
        });
      const { gradNorm } = summed.step();
      assert.is(plain.step({ w: sum("w"), e: sum("e") }).gradNorm, gradNorm);
      assert.is(summed.digest(), plain.digest(), `average ${average}, round ${round}`);
    }
  }
});

test("a parameter in no micro-batch stands still, and the sums are forgotten after the step", () => {
  const optimizer = new AdamW(start());
  optimizer.accumulate({ w: realistic(5000, 3) });
  optimizer.step();
  assert.is(optimizer.parameter("w").step, 1);
  assert.is(optimizer.parameter("e").step, 0);
  optimizer.step({ e: realistic(200, 4) });
  assert.is(optimizer.parameter("w").step, 1);
});

test("rows accumulate as rows, and join dense gradients", () => {
  const rows = (list: number[], seed: number) => ({
    rows: list,
    values: realistic(list.length * 4, seed),
  });
  const lazy = new AdamW(start(), { lazy: true });
  lazy.accumulate({ e: rows([3, 7], 1) });
  lazy.accumulate({ e: rows([7, 9], 2) });
  const before = lazy.parameter("e").master.slice();
  lazy.step();
  const after = lazy.parameter("e").master;
  const moved = new Set(Array.from(after, (p, i) => (p === before[i] ? -1 : Math.floor(i / 4))));
  moved.delete(-1);
  assert.equal([...moved].sort(), [3, 7, 9]);
});

test("a refused step leaves the sums as they were: more can be added, and it can be tried again", () => {
  const options: AdamWOptions[] = [
    {},
    { clip: clipByValue(0.25), lossScale: staticLossScale(1024) },
    { centralize: true, lossScale: staticLossScale(1000), clip: clipByGlobalNorm(0.5) },
    { clip: clipAdaptive(0.01), gradNorm: true },
  ];
  for (const [variant, option] of options.entries()) {
    for (const average of [false, true]) {
      for (const lazy of [false, true]) {
        let lr: () => number = () => 1e-3;
        const make = (rate: () => number) => new AdamW(start(), { ...option, lazy, lr: rate });
        const [tried, plain] = [make(() => lr()), make(() => 1e-3)];
        const rows = (seed: number) => ({ rows: [seed, 9], values: realistic(8, seed) });
        for (const seed of [3, 4, 5]) {
          const gradients = { w: realistic(5000, seed), e: rows(seed) };
          tried.accumulate(gradients, { average });
          plain.accumulate(gradients, { average });
          // Refused by a schedule, then by scalars that float32 cannot hold.
          for (const bad of [Number.NaN, 1e60]) {
            lr = () => bad;
            assert.throws(() => tried.step(), RangeError);
          }
        }
        lr = () => 1e-3;
        const [a, b] = [tried.step(), plain.step()];
        assert.is(a.gradNorm, b.gradNorm);
        const where = `variant ${variant}, average ${average}, lazy ${lazy}`;
        assert.is(tried.digest(), plain.digest(), where);
      }
    }
  }
});

test("a step that is refused for its scalars leaves the gradient views as they were", () => {
  const optimizer = new AdamW(
    { w: Float32Array.of(1, 2) },
    { lr: 1e60, clip: clipByValue(1), lossScale: staticLossScale(1024) },
  );
  optimizer.gradient("w").set([4096, -8]);
  assert.throws(() => optimizer.step(), /finite as float32/);
  assert.equal([...optimizer.gradient("w")], [4096, -8]);
});

test("an average is judged as such, not by the sum that it is made of", () => {
  for (const average of [false, true]) {
    const optimizer = new AdamW({ w: Float32Array.of(1) }, { nonFinite: "skip" });
    for (let i = 0; i < 4; i++) optimizer.accumulate({ w: Float32Array.of(2 ** 62) }, { average });
    assert.is(optimizer.step().applied, average);
  }
});

test("the mean of rows is divided by all micro-batches, and the caller's arrays are not written", () => {
  const make = () => new AdamW(start(), { lazy: true });
  const [averaged, plain] = [make(), make()];
  const values = Float32Array.of(3, 5, 7, 9);
  averaged.accumulate({ e: { rows: [3], values } }, { average: true });
  averaged.accumulate({}, { average: true });
  averaged.step();
  plain.step({ e: { rows: [3], values: values.map((x) => x / 2) } });
  assert.is(averaged.digest(), plain.digest());
  assert.equal([...values], [3, 5, 7, 9]);
});

test("arrays of another realm are summed as ours are", () => {
  const [own, other] = [new AdamW(start()), new AdamW(start())];
  for (const seed of [1, 2]) {
    own.accumulate({ w: realistic(5000, seed) });
    other.accumulate({ w: runInNewContext("Float32Array").from(realistic(5000, seed)) });
  }
  own.step();
  other.step();
  assert.is(other.digest(), own.digest());
});

test("what accumulate cannot take is refused in its own name, and nothing is added", () => {
  const optimizer = new AdamW(start());
  optimizer.accumulate({ w: realistic(5000, 1) });
  const e = realistic(200, 2);
  assertRefused(
    () => optimizer.accumulate({ e, w: optimizer.gradient("w").subarray(4999) as Float32Array }),
    RangeError,
    '"gradient" of parameter "w": expected 5000 elements, got 1',
  );
  assertRefused(
    () => optimizer.accumulate({ e, w: optimizer.gradient("w") }),
    RangeError,
    '"gradient" of parameter "w": expected an array of the caller\'s, got the view of its gradient. ' +
      "Micro-batches are summed there",
  );
  optimizer.step();
  assert.is(optimizer.parameter("e").step, 0);
  const plain = new AdamW(start());
  plain.step({ w: realistic(5000, 1) });
  assert.is(optimizer.digest(), plain.digest());
  // Other views of the same memory are arrays like any other.
  optimizer.accumulate({ w: optimizer.parameter("w").master });
  optimizer.step();
  plain.step({ w: plain.parameter("w").master.slice() });
  assert.is(optimizer.digest(), plain.digest());
  const read = (gradients: unknown) => () =>
    readGradients(gradients as NamedGradients, new Map(), "float32", "accumulate");
  const of = '"gradients" of accumulate: expected';
  assertRefused(read(3), TypeError, `${of} a record of name to Float32Array, got 3`);
  assertRefused(read({ x: null }), RangeError, `${of} names of parameters, got "x"`);
});

test("a closure runs first and its value is the report's loss", async () => {
  const optimizer = new AdamW(start());
  const other = new AdamW(start());
  const report = optimizer.step(() => {
    optimizer.gradient("w").set(batch(1).w);
    optimizer.gradient("e").set(batch(1).e);
    return 0.25;
  });
  assert.is(report.loss, 0.25);
  assert.throws(
    () => other.step(async () => 1),
    (error: unknown) => error instanceof TypeError && /Use stepAsync/.test(error.message),
  );
  const later = await other.stepAsync(async () => {
    await null;
    other.gradient("w").set(batch(1).w);
    other.gradient("e").set(batch(1).e);
    return "done";
  });
  assert.is(later.loss, "done");
  assert.is(other.digest(), optimizer.digest());
});

for (const dtype of ["float16", "bfloat16"] as const) {
  test(`${dtype} gradients equal their float32 values: by name, by view, accumulated`, () => {
    const options = { precision: { gradients: dtype }, slabBytes: 655_360 };
    const bits = (seed: number) => narrowed(realistic(5000, seed), dtype).halves;
    const wide = (seed: number) =>
      Float32Array.from(bits(seed), (half) => valueOfHalf(half, dtype));
    const plain = new AdamW({ w: realistic(5000, 1) });
    const named = new AdamW({ w: realistic(5000, 1) }, options);
    const viewed = new AdamW({ w: realistic(5000, 1) }, { ...options, slabBytes: 2 ** 24 });
    for (let k = 0; k < 3; k++) {
      plain.step({ w: wide(k) });
      named.step({ w: bits(k) });
      viewed.gradient16("w").set(bits(k));
      viewed.step();
    }
    assert.is(named.digest(), plain.digest());
    assert.is(viewed.digest(), plain.digest());
    assert.throws(() => viewed.gradient("w"), /Use gradient16/);
    assert.throws(() => plain.gradient16("w"), /Use gradient$/);
    plain.accumulate({ w: wide(8) });
    plain.accumulate({ w: wide(9) });
    plain.step();
    named.accumulate({ w: bits(8) });
    named.accumulate({ w: bits(9) });
    named.step();
    assert.is(named.digest(), plain.digest());
  });
}

for (const dtype of ["float16", "bfloat16"] as const) {
  test(`rows of ${dtype} values equal their float32 values: stepped and accumulated, lazy or not`, () => {
    for (const lazy of [false, true]) {
      const plain = new AdamW(start(), { lazy });
      const half = new AdamW(start(), { lazy, precision: { gradients: dtype } });
      for (let k = 0; k < 4; k++) {
        const rows = [7, 3, 7, 40 + k];
        const bits = narrowed(realistic(16, k + 1), dtype).halves;
        bits[0] = 1; // the smallest subnormal
        const values = Float32Array.from(bits, (one) => valueOfHalf(one, dtype));
        if (k < 2) {
          plain.step({ e: { rows, values } });
          half.step({ e: { rows, values: bits } });
          continue;
        }
        plain.accumulate({ e: { rows, values } });
        half.accumulate({ e: { rows, values: k === 2 ? bits : values } });
      }
      plain.step();
      half.step();
      assert.is(half.digest(), plain.digest(), `lazy ${lazy}`);
    }
  });
}

test("zeroGradients clears what the step used", () => {
  const optimizer = new AdamW(start(), { zeroGradients: true });
  optimizer.gradient("w").fill(1);
  optimizer.step();
  assert.ok(optimizer.gradient("w").every((g) => g === 0));
});

test("without masters the weights are what the model copy says, and small updates are lost", () => {
  const make = (master: boolean) =>
    new AdamW(
      { w: Float32Array.of(1, 0.5) },
      { lr: 1e-3, weightDecay: 0, precision: { model: "bfloat16", master } },
    );
  const [kept, lost] = [make(true), make(false)];
  for (let k = 0; k < 100; k++) {
    kept.step({ w: Float32Array.of(1, 0) });
    lost.step({ w: Float32Array.of(1, 0) });
  }
  assert.is(lost.parameter("w").master[0], 1, "bfloat16 1.0 never moves by 1e-3");
  assert.ok(kept.parameter("w").master[0] < 0.91);
});

test.run();
