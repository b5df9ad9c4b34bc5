import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Accumulation } from "../src/gradients/accumulate.ts";
import { type MergedRows, mergeRows, orderRows } from "../src/gradients/sparse-rows.ts";
import { differingBits } from "./reference/bits.ts";
import { gradientOf, joined, randomCuts } from "./reference/gradient-parts.ts";
import { realistic } from "./reference/patterns.ts";
import { xorshift32 } from "./reference/random.ts";

const test = suite("gradients: accumulate");

const f32 = (...values: number[]) => Float32Array.from(values);
/** Garbage, which the first micro-batch must overwrite. */
const target = (shape: number[], name = "w", cuts: number[] = []) =>
  gradientOf(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(7), shape, cuts, name);

test("sums are float32 in the order of the calls", () => {
  const orders = [
    [16777216, 1, 1, -16777216],
    [1, 1, 16777216, -16777216],
    [1, 16777216, -16777216, 1],
  ];
  const sums = orders.map((values) => {
    const into = target([1]);
    const accumulation = new Accumulation();
    for (const value of values) accumulation.add([{ into, gradient: f32(value) }]);
    assert.is(accumulation.count("w"), 4);
    return joined(into.parts)[0];
  });
  // 2^24 + 1 is no float32: rounded each time in the first order, exact in the second.
  assert.equal(sums, [0, 2, 1]);
});

test("the first micro-batch is copied, its -0 too", () => {
  const into = target([2]);
  new Accumulation().add([{ into, gradient: f32(-0, 3) }]);
  assert.is(differingBits(joined(into.parts), f32(-0, 3)), -1);
});

test("a parameter that a micro-batch leaves out adds nothing", () => {
  const [a, b] = ["a", "b"].map((name) => target([2], name));
  const accumulation = new Accumulation();
  accumulation.add([
    { into: a, gradient: f32(1, 2) },
    { into: b, gradient: f32(5, 6) },
  ]);
  accumulation.add([{ into: a, gradient: f32(10, 20) }]);
  accumulation.add([]);
  assert.is(accumulation.microBatches, 3);
  assert.equal(
    ["a", "b", "c"].map((name) => accumulation.count(name)),
    [2, 1, 0],
  );
  assert.equal([...joined(a.parts)], [11, 22]);
  assert.equal([...joined(b.parts)], [5, 6]);
});

test("clear forgets all sums, and the next micro-batch begins new ones", () => {
  const into = target([1]);
  const accumulation = new Accumulation();
  accumulation.add([{ into, gradient: f32(3) }]);
  accumulation.add([{ into, gradient: f32(5) }]);
  assert.equal([accumulation.microBatches, accumulation.count("w")], [2, 2]);
  accumulation.clear();
  assert.equal([accumulation.microBatches, accumulation.count("w")], [0, 0]);
  accumulation.add([{ into, gradient: f32(2) }]);
  assert.equal([...joined(into.parts)], [2]);
});

const rows = (indices: number[], ...values: number[]) =>
  mergeRows(orderRows({ rows: indices, values: f32(...values) }, { name: "e", shape: [4, 2] }));

test("row-sparse micro-batches stay row-sparse, over the union of their rows", () => {
  const into = target([4, 2], "e");
  const accumulation = new Accumulation();
  const first = rows([2], 1, 2);
  accumulation.add([{ into, gradient: first }]);
  accumulation.add([{ into, gradient: rows([3, 0], 5, 6, 7, 8) }]);
  accumulation.add([{ into, gradient: rows([2], 10, 20) }]);
  const sum = accumulation.rowsOf("e") as MergedRows;
  assert.equal([...sum.rows], [0, 2, 3]);
  assert.equal([...sum.values], [7, 8, 11, 22, 5, 6]);
  assert.equal([...first.values], [1, 2], "the caller's gradient is not written");
  assert.equal([...joined(into.parts)], Array(8).fill(7), "nothing is written to the dense array");
});

test("sparse and dense micro-batches mix in either order, as if all were dense", () => {
  const dense = f32(1, 2, 3, 4, 5, 6, 7, 8);
  const sparse = rows([1, 3], 10, 20, 30, 40);
  for (const order of [
    [dense, sparse, dense],
    [sparse, dense],
    [sparse, sparse, dense, sparse],
  ]) {
    const into = target([4, 2], "e");
    const accumulation = new Accumulation();
    const expected = new Float32Array(8);
    for (const gradient of order) {
      accumulation.add([{ into, gradient }]);
      const whole = gradient instanceof Float32Array ? gradient : f32(0, 0, 10, 20, 0, 0, 30, 40);
      whole.forEach((value, i) => {
        expected[i] += value;
      });
    }
    assert.is(accumulation.rowsOf("e"), null);
    assert.equal([...joined(into.parts)], [...expected]);
    assert.is(accumulation.count("e"), order.length);
  }
});

test("sums don't depend on the split, bit for bit", () => {
  const next = xorshift32(0x6c078965);
  for (let round = 0; round < 12; round++) {
    const shape = [2 + (next() % 9), 1 + (next() % 4000)];
    const length = shape[0] * shape[1];
    const batches = Array.from({ length: 3 }, (_, i) => realistic(length, round * 3 + i));
    const touched = [next() % shape[0], next() % shape[0]];
    const values = realistic(2 * shape[1], round);
    const sparse = mergeRows(orderRows({ rows: touched, values }, { name: "w", shape }));
    const run = (cuts: number[]) => {
      const into = target(shape, "w", cuts);
      const accumulation = new Accumulation();
      for (const gradient of round % 2 ? [sparse, ...batches] : [...batches, sparse]) {
        accumulation.add([{ into, gradient }]);
      }
      return joined(into.parts);
    };
    const whole = run([]);
    assert.is(differingBits(run(randomCuts(length, next)), whole), -1, `shape [${shape}]`);
    if (round % 2 === 0) {
      const plain = batches[0].map((x, i) => {
        const sum = Math.fround(Math.fround(x + batches[1][i]) + batches[2][i]);
        const row = touched.map((r, j) =>
          Math.floor(i / shape[1]) === r ? values[j * shape[1] + (i % shape[1])] : null,
        );
        const added = row.filter((v) => v !== null).reduce((a, v) => Math.fround(a + v), 0);
        return Math.fround(sum + added);
      });
      assert.is(differingBits(whole, plain), -1, `shape [${shape}], plain form`);
    }
  }
});

test.run();
