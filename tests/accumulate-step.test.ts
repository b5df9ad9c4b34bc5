import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";
import { narrowed, valueOfHalf } from "./reference/round-half.ts";

const test = suite("accumulation, closures and 16-bit gradients in a step");

const start = () => ({
  w: realistic(5000, 1),
  e: { shape: [50, 4], data: realistic(200, 2) },
});
const batch = (seed: number) => ({ w: realistic(5000, seed), e: realistic(200, seed + 50) });

test("micro-batches add up in float32, in the order of the calls", () => {
  for (const average of [false, true]) {
    const summed = new AdamW(start(), { slabBytes: 655_360 });
    const plain = new AdamW(start());
    for (let round = 0; round < 3; round++) {
      const batches = [batch(10 * round), batch(10 * round + 1), batch(10 * round + 2)];
      for (const one of batches) summed.accumulate(one, { average });
      const sum = (name: "w" | "e") =>
        batches[0][name].map((x, i) => {
          const total = Math.fround(Math.fround(x + batches[1][name][i]) + batches[2][name][i]);
          return average ? total / 3 : total;
        });
      summed.step();
      plain.step({ w: sum("w"), e: sum("e") });
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
