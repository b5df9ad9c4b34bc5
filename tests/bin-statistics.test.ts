import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Comparison } from "../src/state/inspect/compare-tensors.ts";
import { type Decode, decoderOf } from "../src/state/inspect/elements.ts";
import { Statistics } from "../src/state/inspect/statistics.ts";
import { gradientValue, xorshift32 } from "./reference/random.ts";

const test = suite("bin: statistics and comparisons");

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Of values that come in pieces of so many. */
function statisticsOf(values: Float32Array | Float64Array, piece = values.length || 1) {
  const dtype = values instanceof Float64Array ? "F64" : "F32";
  const statistics = new Statistics(decoderOf(dtype) as Decode, values.BYTES_PER_ELEMENT);
  for (let at = 0; at < values.length; at += piece) {
    statistics.add(bytesOf(values.subarray(at, at + piece)));
  }
  return statistics.result();
}

test("norm, range and count of any number of values, in any pieces", () => {
  const next = xorshift32(0x51a71571);
  for (const length of [1, 2, 100, 8_191, 8_192, 8_193, 20_000]) {
    const values = Float32Array.from({ length }, () => gradientValue(next()));
    const exact = Math.sqrt([...values].reduce((sum, value) => sum + value * value, 0));
    for (const piece of [length, 1_000, 8_192]) {
      const { norm, ...rest } = statisticsOf(values, piece);
      assert.ok(Math.abs(norm - exact) <= 1e-14 * exact, `${length}: ${norm}, not ${exact}`);
      const [min, max] = [Math.min(...values), Math.max(...values)];
      assert.equal(rest, { min, max, nonFinite: 0 });
    }
  }
});

test("what is not finite is counted and left out", () => {
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  assert.equal(statisticsOf(Float32Array.of(...odd, 3, -4)), {
    norm: 5,
    min: -4,
    max: 3,
    nonFinite: 3,
  });
  assert.equal(statisticsOf(Float64Array.from(odd)), {
    norm: 0,
    min: null,
    max: null,
    nonFinite: 3,
  });
  assert.equal(statisticsOf(new Float32Array(0)), { norm: 0, min: null, max: null, nonFinite: 0 });
});

test("zeros have no sign", () => {
  const { min, max } = statisticsOf(Float32Array.of(-0, -0));
  assert.ok(Object.is(min, 0) && Object.is(max, 0));
});

test("squares neither overflow nor vanish", () => {
  const near = (values: number[], expected: number) => {
    const { norm } = statisticsOf(Float64Array.from(values));
    assert.ok(Math.abs(norm - expected) <= 4e-16 * expected, `${values}: ${norm}, not ${expected}`);
  };
  near([3e200, 4e200], 5e200);
  near([3e-200, 4e-200], 5e-200);
  near([3e-320, 4e-320], 5e-320);
  near([1e308, 1e308], Math.SQRT2 * 1e308);
  near([3e200, 1, 1e-200, 4e200], 5e200);
  near([3, 1e-200, 4], 5);
  near([1e153, 1e-160], 1e153);
  near([1e-154, 1e-154], Math.SQRT2 * 1e-154);
  near([5e-324], 5e-324);
  // One to each side of where sums are kept apart.
  near([2.1e146, 2.8e146], 3.5e146);
  near([1.5e146, 2e146], 2.5e146);
  near([1.2e-154, 1.6e-154], 2e-154);
});

function comparisonOf(a: Float32Array, b: Float32Array, piece = a.length || 1) {
  const comparison = new Comparison("F32", "F32");
  for (let at = 0; at < a.length; at += piece) {
    comparison.add(bytesOf(a.subarray(at, at + piece)), bytesOf(b.subarray(at, at + piece)));
  }
  return comparison.result();
}

test("differences are found wherever they are", () => {
  const length = 20_000;
  const a = Float32Array.from({ length }, (_, i) => i + 1);
  const same = { differing: 0, first: null, absolute: 0, relative: 0, nonFinite: 0 };
  assert.equal(comparisonOf(a, a.slice()), same);
  for (const index of [0, 1, 8_191, 8_192, 16_383, length - 1]) {
    for (const piece of [length, 8_192, 3_000]) {
      const b = a.slice();
      b[index] += 0.5;
      const first = { index, a: a[index], b: b[index] };
      const found = { differing: 1, first, absolute: 0.5, nonFinite: 0 };
      const { relative, ...rest } = comparisonOf(a, b, piece);
      assert.equal(rest, found);
      assert.ok(Math.abs(relative - 0.5 / b[index]) <= 1e-16);
    }
  }
});

test("the largest differences, each for itself", () => {
  const { differing, absolute, relative } = comparisonOf(
    Float32Array.of(1, 1000, 1, 0, 0),
    Float32Array.of(1.5, 1001, -1, -0, 1e-30),
  );
  assert.equal({ differing, absolute, relative }, { differing: 5, absolute: 2, relative: 2 });
});

test("differences of the largest float64 numbers do not make a NaN", () => {
  const comparison = new Comparison("F64", "F64");
  const [a, b] = [Float64Array.of(Number.MAX_VALUE), Float64Array.of(-Number.MAX_VALUE)];
  comparison.add(bytesOf(a), bytesOf(b));
  const { absolute, relative } = comparison.result();
  assert.equal([absolute, relative], [Number.POSITIVE_INFINITY, 2]);
});

test("other dtypes are compared by value", () => {
  const comparison = new Comparison("F32", "F16");
  comparison.add(
    bytesOf(Float32Array.of(1, -0, Number.NaN, 1 + 2 ** -20)),
    bytesOf(Uint16Array.of(0x3c00, 0x0000, 0x7e01, 0x3c00)),
  );
  const { differing, first, absolute } = comparison.result();
  assert.equal([differing, first?.index, absolute], [2, 1, 2 ** -20]);
});

test("what has no numbers cannot be compared", () => {
  assert.throws(() => new Comparison("C64", "C64"), /expected one of numbers, got C64/);
});

test.run();
