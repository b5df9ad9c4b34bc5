import { suite } from "uvu";
import * as assert from "uvu/assert";
import { centralize } from "../src/gradients/centralize.ts";
import { clipByValue } from "../src/gradients/clip.ts";
import { clipValues } from "../src/gradients/clip-values.ts";
import { unscale } from "../src/gradients/unscale.ts";
import { differingBits } from "./reference/bits.ts";
import { gradientOf, joined, orderedSum, randomCuts } from "./reference/gradient-parts.ts";
import { bitPatterns, realistic } from "./reference/patterns.ts";
import { xorshift32 } from "./reference/random.ts";

const test = suite("gradients: unscale, centralize, clamp");

test("unscale rounds each product once", () => {
  const next = xorshift32(0x2545f491);
  const values = bitPatterns(9000, 3);
  for (const factor of [1 / 65536, 1 / 3, 0.1, 1, 0, 1 / 16777216]) {
    const gradient = gradientOf(values, [9000], randomCuts(9000, next));
    unscale(gradient, factor);
    const expected = values.map((g) => Math.fround(g * factor));
    assert.is(differingBits(joined(gradient.parts), expected), -1, `factor ${factor}`);
  }
  const gradient = gradientOf(values);
  unscale(gradient, 0.1);
  const singleFactor = values.map((g) => Math.fround(g * Math.fround(0.1)));
  assert.is.not(differingBits(joined(gradient.parts), singleFactor), -1, "a float64 factor");
});

test("clamping and unscaling don't depend on the split", () => {
  const next = xorshift32(0x51ed270b);
  for (let round = 0; round < 20; round++) {
    const values = bitPatterns(4096 + (next() % 20000), round + 1);
    const [whole, split] = [[], randomCuts(values.length, next)].map((cuts) =>
      gradientOf(values, [values.length], cuts),
    );
    for (const gradient of [whole, split]) {
      unscale(gradient, 0.3);
      clipValues(gradient, clipByValue(0.25, { min: -0.125 }));
    }
    assert.is(differingBits(joined(split.parts), joined(whole.parts)), -1, `round ${round}`);
    assert.ok(joined(whole.parts).every((g) => g <= 0.25 && g >= -0.125));
  }
});

test("centralize subtracts the mean of each row", () => {
  const gradient = gradientOf([1, 2, 6, -4, 0, 1], [2, 3]);
  assert.is(centralize(gradient), true);
  assert.equal([...joined(gradient.parts)], [-2, -1, 3, -3, 1, 2]);
  const cube = gradientOf([1, 2, 3, 6, 10, 10, 10, 30], [2, 2, 2]);
  assert.is(centralize(cube), true);
  assert.equal([...joined(cube.parts)], [-2, -1, 0, 3, -5, -5, -5, 15]);
});

test("tensors of less than two dimensions and empty ones stay as they are", () => {
  for (const [values, shape, acts] of [
    [[5], [], false],
    [[1, 2, 6], [3], false],
    [[], [0, 3], true],
    [[], [3, 0], true],
  ] as const) {
    const gradient = gradientOf(values, shape);
    assert.is(centralize(gradient), acts, `shape [${shape}]`);
    assert.equal([...joined(gradient.parts)], [...values]);
  }
});

test("onlyMultiplesOf16 acts as MindSpore does, by the second dimension alone", () => {
  for (const [shape, acts] of [
    [[2, 16], true],
    [[2, 15], false],
    [[2, 32, 3], true],
    [[16, 3, 16], false],
    [[16], false],
  ] as const) {
    const length = shape.reduce((a: number, b) => a * b, 1);
    const values = realistic(length, 9);
    const gradient = gradientOf(values, shape);
    assert.is(centralize(gradient, { onlyMultiplesOf16: true }), acts, `shape [${shape}]`);
    assert.is(differingBits(joined(gradient.parts), values) === -1, !acts, `shape [${shape}]`);
  }
  assert.is(centralize(gradientOf([1, 2], [1, 2]), { onlyMultiplesOf16: false }), true);
});

test("rows are centralized in the specified order whatever the split, bit for bit", () => {
  const next = xorshift32(0x7f4a7c15);
  for (const shape of [
    [13, 1001],
    [3, 5, 997],
    [4097, 3],
    [2, 8192],
    [1, 9001],
    [4100, 1],
  ]) {
    const length = shape.reduce((a, b) => a * b, 1);
    const values = realistic(length, shape[0]);
    const rowLength = length / shape[0];
    const expected = new Float32Array(length);
    for (let start = 0; start < length; start += rowLength) {
      const row = [...values.subarray(start, start + rowLength)];
      const mean = orderedSum(row) / rowLength;
      expected.set(
        row.map((g) => Math.fround(g - mean)),
        start,
      );
    }
    for (const cuts of [[], randomCuts(length, next), randomCuts(length, next)]) {
      const gradient = gradientOf(values, shape, cuts);
      centralize(gradient);
      const at = differingBits(joined(gradient.parts), expected);
      assert.is(at, -1, `shape [${shape}], cuts [${cuts}], element ${at}`);
    }
  }
});

test.run();
