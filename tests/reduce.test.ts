import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BLOCK_LENGTH, SEG_MAX_ABS_GRAD, SEG_SUMS } from "../assembly/layout.ts";
import { stepScalars } from "../src/optimizers/scalars.ts";
import { KernelFixture } from "./reference/kernel-fixture.ts";
import { bitPatterns, realistic } from "./reference/patterns.ts";

const test = suite("reduce");

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
const LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1000, 4095, 4096, 4097, 65537];

function fixtureOf(g: Float32Array, misalign = 4): KernelFixture {
  const rest = () => new Float32Array(g.length);
  const segment = { p: rest(), g, m: rest(), v: rest(), scalars, flush: false };
  return new KernelFixture([segment], misalign);
}

/** Element i of a block adds to accumulator i mod 8; ((a0+a4)+(a2+a6)) + ((a1+a5)+(a3+a7)). */
function blockSums(g: Float32Array): Float64Array {
  const sums = new Float64Array(Math.ceil(g.length / BLOCK_LENGTH));
  sums.forEach((_, block) => {
    const a = new Float64Array(8);
    g.subarray(block * BLOCK_LENGTH, (block + 1) * BLOCK_LENGTH).forEach((x, i) => {
      a[i % 8] += x * x;
    });
    sums[block] = a[0] + a[4] + (a[2] + a[6]) + (a[1] + a[5] + (a[3] + a[7]));
  });
  return sums;
}

test("block sums of squares have the specified order, bit for bit", () => {
  for (const bits of [realistic, bitPatterns]) {
    for (const length of LENGTHS) {
      const g = bits(length, length);
      const fixture = fixtureOf(g);
      const expected = blockSums(g);
      const ptr = fixture.setBytes(0, SEG_SUMS, expected.length * 8);
      fixture.scan();
      const actual = new Float64Array(fixture.memory.buffer, ptr, expected.length);
      assert.equal(Array.from(actual), Array.from(expected), `${bits.name}, length ${length}`);
      assert.is(fixture.brokenCanary(), -1);
    }
  }
});

test("the largest magnitude is found at every place, and nothing is written without SUMS", () => {
  for (const length of LENGTHS.filter((n) => n <= 1000)) {
    for (let place = 0; place < length; place += length > 100 ? 13 : 1) {
      const g = realistic(length, length);
      g[place] = place % 2 ? -1.5 : 1.5;
      const fixture = fixtureOf(g, (place % 4) * 4);
      fixture.scan();
      const found = Uint32Array.of(fixture.field(0, SEG_MAX_ABS_GRAD));
      assert.is(new Float32Array(found.buffer)[0], 1.5, `length ${length}, place ${place}`);
      assert.is(fixture.brokenCanary(), -1);
    }
  }
});

test("NaN of either sign and infinities have bits at or above infinity's", () => {
  for (const bits of [0x7fc00000, 0xffc00000, 0x7f800001, 0x7f800000, 0xff800000]) {
    for (const place of [0, 5, 16, 17, 18, 32]) {
      const g = realistic(33, 3);
      new Uint32Array(g.buffer)[place] = bits;
      const fixture = fixtureOf(g);
      fixture.scan();
      assert.ok(fixture.field(0, SEG_MAX_ABS_GRAD) >= 0x7f800000, `0x${bits.toString(16)}`);
    }
  }
});

test("with SUMS the largest magnitude is a bound, close to the root of a block's sum", () => {
  const found = (g: Float32Array) => {
    const fixture = fixtureOf(g);
    fixture.setBytes(0, SEG_SUMS, Math.ceil(g.length / BLOCK_LENGTH) * 8);
    fixture.scan();
    return new Float32Array(Uint32Array.of(fixture.field(0, SEG_MAX_ABS_GRAD)).buffer)[0];
  };
  for (const length of LENGTHS) {
    for (const bits of [realistic, bitPatterns]) {
      const g = bits(length, length + 1).map((x) => (Number.isFinite(x) ? x : 1));
      const largest = g.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      const root = Math.sqrt(Math.max(...blockSums(g)));
      const bound = found(g);
      assert.ok(bound >= largest, `${bits.name}, length ${length}: ${bound} below ${largest}`);
      // The root of what float32 can hold may be beyond it.
      assert.ok(bound <= root * 1.000002 || root > 3.4e38, `${bound} far above ${root}`);
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        g[length >> 1] = bad;
        assert.not.ok(found(g) < Number.POSITIVE_INFINITY, `${bad} at ${length >> 1}`);
      }
    }
  }
  assert.is(found(Float32Array.of(0, -0)), 0);
});

test.run();
