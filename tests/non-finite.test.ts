import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, AshlarError } from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";

const test = suite("non-finite gradients");

const LENGTH = 9001;
const data = () => ({ first: realistic(5, 1), weight: realistic(LENGTH, 2) });
const gradients = () => ({ first: realistic(5, 3), weight: realistic(LENGTH, 4) });
const PLACES = [0, 1, 2, 3, 4, 15, 16, 17, 4095, 4096, 8191, 8192, 8999, 9000];
const BAD = [
  [Number.NaN, "nan"],
  [Number.POSITIVE_INFINITY, "infinite"],
  [Number.NEGATIVE_INFINITY, "infinite"],
  [1.5e19, "overflow"],
  [-3.4e38, "overflow"],
] as const;

test("by default each is refused: the error names it, no byte and no count moves", async () => {
  const optimizer = await AdamW.create(data());
  optimizer.step(gradients());
  const before = optimizer.digest();
  for (const place of PLACES) {
    for (const [value] of BAD) {
      const bad = gradients();
      bad.weight[place] = value;
      try {
        optimizer.step(bad);
        assert.unreachable(`${value} at ${place} was accepted`);
      } catch (error) {
        assert.instance(error, AshlarError);
        assert.is((error as AshlarError).code, "NON_FINITE");
        assert.is(
          (error as AshlarError).message,
          `"gradient[${place}]" of parameter "weight": expected a finite number of at most 2^63, ` +
            `got ${Math.fround(value)}. Nothing was changed; nonFinite: "skip" skips such steps`,
        );
      }
      assert.is(optimizer.digest(), before);
      assert.is(optimizer.steps, 1);
    }
  }
  assert.is(optimizer.step(gradients()).step, 2);
});

test('"skip" reports the element and changes nothing', async () => {
  const optimizer = await AdamW.create(data(), { nonFinite: "skip", slabBytes: 524288 });
  const before = optimizer.digest();
  for (const place of PLACES) {
    for (const [value, kind] of BAD) {
      const bad = gradients();
      bad.weight[place] = value;
      const report = optimizer.step(bad);
      assert.equal(report.applied, false);
      assert.is(report.step, 0);
      assert.equal(
        { ...report.nonFinite, value: String(report.nonFinite?.value) },
        { parameter: "weight", index: place, kind, value: String(Math.fround(value)) },
      );
      assert.is(optimizer.digest(), before);
    }
  }
  assert.is(optimizer.step(gradients()).applied, true);
});

test("the largest gradient that is accepted keeps the second moment finite", async () => {
  const largest = 2 ** 63;
  const optimizer = await AdamW.create({ w: Float32Array.of(1) }, { betas: [0.9, 0] });
  optimizer.step({ w: Float32Array.of(largest) });
  assert.ok(Number.isFinite(optimizer.parameter("w").expAvgSq[0]));
  assert.throws(() => optimizer.step({ w: Float32Array.of(largest * 1.0000002) }), /at most 2\^63/);
});

test('"allow" does not look, and the state takes what it is given', async () => {
  const optimizer = await AdamW.create(data(), { nonFinite: "allow" });
  const bad = gradients();
  bad.weight[7] = Number.NaN;
  assert.is(optimizer.step(bad).applied, true);
  assert.ok(Number.isNaN(optimizer.parameter("weight").master[7]));
  assert.ok(Number.isFinite(optimizer.parameter("weight").master[6]));
});

test("of several bad gradients the first in the order of the parameters is reported", async () => {
  const optimizer = await AdamW.create(data(), { nonFinite: "skip" });
  const weight = realistic(LENGTH, 4).fill(Number.NaN);
  const report = optimizer.step({ weight, first: realistic(5, 3).fill(Number.NaN) });
  assert.is(report.nonFinite?.parameter, "first");
});

test("a bad gradient of a parameter that does not take part is not looked at", async () => {
  const optimizer = await AdamW.create(data());
  optimizer.gradient("weight").fill(Number.NaN);
  assert.is(optimizer.step({ first: realistic(5, 3) }).applied, true);
  assert.throws(() => optimizer.step(), /"gradient\[0\]" of parameter "weight"/);
});

test.run();
