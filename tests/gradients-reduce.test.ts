import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SEG_SUMS } from "../assembly/layout.ts";
import { squaresOfRange, sumOfRange, sumSquares } from "../src/gradients/reduce.ts";
import { stepScalars } from "../src/optimizers/scalars.ts";
import { gradientOf, orderedSum, partsOf, randomCuts } from "./reference/gradient-parts.ts";
import { KernelFixture } from "./reference/kernel-fixture.ts";
import { bitPatterns, realistic } from "./reference/patterns.ts";
import { xorshift32 } from "./reference/random.ts";

const test = suite("gradients: reduce");
const LENGTHS = [0, 1, 2, 7, 8, 9, 15, 16, 17, 1000, 4095, 4096, 4097, 8192, 12295, 40961];

test("a range sums in the specified order from its own first element", () => {
  const next = xorshift32(0x1234567b);
  for (const bits of [realistic, bitPatterns]) {
    const values = bits(20000, 5);
    for (let round = 0; round < 40; round++) {
      const start = next() % 9000;
      const end = start + (next() % 9000);
      const parts = partsOf(values, randomCuts(values.length, next));
      const terms = [...values.subarray(start, end)];
      const where = `${bits.name}, ${start} to ${end}`;
      assert.is(sumOfRange(parts, start, end), orderedSum(terms), where);
      const squares = orderedSum(terms.map((x) => x * x));
      assert.is(squaresOfRange(parts, start, end), squares, where);
    }
  }
});

test("the order of a range's sum shows: each lane and each pair has its place", () => {
  // 2^53 absorbs single ones, so what meets it first decides the sum.
  const big = 0x20000000000000;
  const sumOf = (lanes: number[]) => sumOfRange(partsOf(Float32Array.from(lanes)), 0, lanes.length);
  assert.is(sumOf([big, 0, 0, 0, 1, 0, 1, 0]), big, "a4 meets a0 before a6");
  assert.is(sumOf([big, 0, 1, 0, 0, 0, 1, 0]), big + 2, "a2 meets a6 first");
  assert.is(sumOf([big, 1, 0, 0, 0, 1, 0, 0]), big + 2, "a1 meets a5 first");
  assert.is(sumOf([big, 1, 0, 1, 0, 0, 0, 0]), big + 2, "odd lanes meet each other first");
  assert.is(sumOf([big, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]), big, "a0 takes element 8, a4 12");
});

test("whole tensors sum by blocks, bit for bit, whatever the split", () => {
  const next = xorshift32(0xdeadbeef);
  for (const length of LENGTHS) {
    const values = bitPatterns(length, length + 1);
    let expected = 0;
    for (let at = 0; at < length; at += 4096) {
      expected += orderedSum([...values.subarray(at, at + 4096)].map((x) => x * x));
    }
    for (const cuts of [[], randomCuts(length, next), randomCuts(length, next)]) {
      assert.is(sumSquares(gradientOf(values, [length], cuts)), expected, `length ${length}`);
    }
  }
});

test("a running total goes through the tensors block by block", () => {
  const [a, b] = [realistic(5000, 1), realistic(9000, 2)];
  const blocks = [a.subarray(0, 4096), a.subarray(4096), b.subarray(0, 4096)];
  blocks.push(b.subarray(4096, 8192), b.subarray(8192));
  const expected = blocks.reduce((sum, x) => sum + orderedSum([...x].map((y) => y * y)), 0);
  assert.is(sumSquares(gradientOf(b), sumSquares(gradientOf(a))), expected);
});

test("the core's block sums are the same", () => {
  const length = 12295;
  const g = realistic(length, 77);
  const rest = () => new Float32Array(length);
  const scalars = stepScalars(
    {
      lr: 1e-3,
      lrScale: 1,
      initialLr: 1e-3,
      weightDecay: 0,
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      t: 1,
      gradScale: 1,
    },
    {} as ReturnType<typeof stepScalars>,
  );
  const segment = { p: rest(), g, m: rest(), v: rest(), scalars, flush: false };
  const fixture = new KernelFixture([segment], 0);
  const ptr = fixture.setBytes(0, SEG_SUMS, 4 * 8);
  fixture.scan();
  const blocks = new Float64Array(fixture.memory.buffer, ptr, 4);
  const total = blocks.reduce((sum, block) => sum + block, 0);
  assert.ok(total > 0);
  assert.is(sumSquares(gradientOf(g, [length], [4096, 12288])), total);
});

test.run();
