import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  BLOCK_LENGTH,
  CHECK_BYTES,
  CHUNK_BYTES,
  METRIC_BYTES,
  RUN_BYTES,
  SCRATCH_BYTES,
  SEG_BYTES,
  SPAN_BYTES,
} from "../assembly/layout.ts";
import { blocksOf, type PlannedSlab, planSlabs } from "../src/core/plan.ts";
import {
  LARGEST_SLAB_BYTES,
  layoutSlab,
  PAGE_BYTES,
  RUNS_AT_ONCE,
  wellApart,
} from "../src/core/slab-layout.ts";
import { cutChunks } from "../src/core/threads/chunks.ts";
import { xorshift32 } from "./reference/random.ts";

const test = suite("plan");

const shape = (elements: number, amsgrad = false, model16 = false, grad16 = false) => ({
  elements,
  segments: 3,
  blocks: blocksOf(elements),
  amsgrad,
  model16,
  grad16,
  threads: 1,
});

/** Start and end of every plane that the layout has, and of all that lies before them. */
function areas({ layout, segments }: PlannedSlab, elements: number, threads: number) {
  const { planes, tablePtr, sumsPtr, metricsPtr, checksPtr, runsPtr, scratchPtr } = layout;
  // Not by the planner's own count.
  const blocks = segments.reduce((sum, { length }) => sum + Math.ceil(length / 4096), 0);
  const chunks = threads > 1 ? cutChunks(segments.map(({ length }) => length)) : [];
  const of = (ptr: number, bytes: number) => [ptr, ptr + bytes];
  return [
    of(tablePtr, segments.length * SEG_BYTES),
    of(sumsPtr, blocks * 8),
    of(metricsPtr, blocks * METRIC_BYTES),
    of(checksPtr, blocks * CHECK_BYTES),
    of(runsPtr, RUNS_AT_ONCE * RUN_BYTES),
    of(layout.chunksPtr, chunks.length * CHUNK_BYTES),
    of(layout.spansPtr, chunks.flat().length * SPAN_BYTES),
    of(scratchPtr, threads * SCRATCH_BYTES),
    ...Object.entries(planes)
      .filter(([, ptr]) => ptr > 0)
      .map(([name, ptr]) => of(ptr, elements * (name === "model" ? 2 : 4))),
  ];
}

test("planes keep the distances that the L1 cache needs, at every size", () => {
  const next = xorshift32(0xace0f5ee);
  const sizes = [1, 16, 4096, 19728, 67_089_136];
  for (let k = 15; k <= 26; k++)
    sizes.push(2 ** k - 19_728, 2 ** k - 16, 2 ** k, 2 ** k + 16, 2 ** k + 1024);
  for (let i = 0; i < 500; i++) sizes.push((next() % 2 ** 26) + 1);
  for (const elements of sizes.filter((size) => size > 0)) {
    for (const [amsgrad, model16] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ]) {
      const { planes, bytes } = layoutSlab(shape(elements, amsgrad, model16));
      const starts = Object.values(planes).filter((ptr) => ptr > 0);
      assert.is(starts.length, 4 + Number(amsgrad) + Number(model16));
      for (const a of starts) {
        assert.is(a % 64, 0);
        for (const b of starts) {
          assert.ok(
            a <= b || wellApart(a - b),
            `${elements} elements: planes ${a - b} bytes apart`,
          );
        }
      }
      assert.is(bytes % PAGE_BYTES, 0);
      // The gaps must stay gaps: a plan may not waste memory to keep its distances.
      const used =
        elements * (16 + 4 * Number(amsgrad) + 2 * Number(model16)) +
        Math.ceil(elements / 4096) * CHECK_BYTES;
      assert.ok(bytes - used < 7 * 2 ** 18, `${elements} elements: ${bytes - used} bytes unused`);
    }
  }
});

test("wellApart refuses what was measured to be slow", () => {
  for (const distance of [
    2 ** 25,
    2 ** 27,
    2 ** 28,
    2 ** 27 + 4096,
    2 ** 25 - 4096,
    4096,
    8192 - 32,
  ]) {
    assert.is(wellApart(distance), false, `${distance}`);
  }
  assert.is(wellApart(2 ** 28 + 78_912), true);
});

const options = {
  slabBytes: LARGEST_SLAB_BYTES,
  model16: false,
  grad16: false,
  splitParameters: true,
};
const parameters = (lengths: readonly number[]) =>
  lengths.map((length, i) => ({ name: `p${i}`, length, amsgrad: i % 3 === 2 }));

test("every element lies in one slab once, in order, on 64-byte starts, with nothing overlapping", () => {
  const next = xorshift32(0xb10cb10c);
  for (let round = 0; round < 200; round++) {
    const lengths = Array.from(
      { length: 1 + (next() % 12) },
      () => [0, 1, 15, 4096][next() % 4] + (next() % 60_000),
    );
    const model16 = round % 2 === 0;
    const threads = 1 + (round % 3);
    const slabBytes = [1, 1.5, 2, 64][round % 4] * 2 ** 20;
    const list = parameters(lengths);
    const plan = planSlabs(list, { ...options, slabBytes, model16, threads });
    const seen = lengths.map(() => 0);
    for (const slab of plan) {
      assert.ok(slab.layout.bytes <= slabBytes);
      let end = 0;
      let block = 0;
      for (const { parameter, first, length, element, block: at } of slab.segments) {
        assert.is(first, seen[parameter]);
        assert.is(first % BLOCK_LENGTH, 0);
        assert.is(element % (model16 ? 32 : 16), 0);
        assert.ok(element >= end && length > 0);
        assert.is(at, block);
        assert.is(slab.layout.planes.maxExpAvgSq > 0, list[parameter].amsgrad);
        assert.is(slab.layout.planes.model > 0, model16);
        seen[parameter] += length;
        end = element + length;
        block += Math.ceil(length / 4096);
      }
      const sorted = areas(slab, end, threads).sort(([a], [b]) => a - b);
      for (let i = 1; i < sorted.length; i++) assert.ok(sorted[i][0] >= sorted[i - 1][1]);
      assert.ok(sorted[sorted.length - 1][1] <= slab.layout.bytes);
    }
    assert.equal(seen, lengths);
  }
});

test("a parameter that fits into one slab is not split", () => {
  const plan = planSlabs(parameters([30_000, 30_000, 30_000, 30_000]), {
    ...options,
    slabBytes: 2 ** 20,
  });
  assert.ok(plan.length > 1);
  assert.is(plan.flatMap(({ segments }) => segments).length, 4);
});

test("a parameter that fills a slab to its last byte is not split, and one more element is", () => {
  const slabBytes = 40 * PAGE_BYTES;
  const countOf = (length: number) =>
    planSlabs(parameters([length]), { ...options, slabBytes }).length;
  let length = 16;
  while (countOf(length + 16) === 1) length += 16;
  const [{ layout }] = planSlabs(parameters([length]), { ...options, slabBytes });
  assert.is(layout.bytes, slabBytes);
  assert.is(countOf(length + 1), 2);
});

test("a model beyond 4 GiB gets several slabs, each within 32-bit addresses", () => {
  const plan = planSlabs(parameters([500_000_000, 100_000_000]), options);
  assert.is(plan.length, 3);
  for (const { layout } of plan) assert.ok(layout.bytes <= LARGEST_SLAB_BYTES);
  assert.is(
    plan.flatMap(({ segments }) => segments).reduce((sum, { length }) => sum + length, 0),
    600_000_000,
  );
});

test("empty parameters have no segment, and only empty ones no slab", () => {
  assert.equal(planSlabs(parameters([0, 0]), options), []);
  assert.is(planSlabs(parameters([0, 5, 0]), options)[0].segments.length, 1);
});

test("too large a parameter is refused while splitting is off, with both numbers", () => {
  assert.throws(
    () =>
      planSlabs(parameters([100_000]), { ...options, slabBytes: 2 ** 20, splitParameters: false }),
    (error: unknown) =>
      error instanceof RangeError &&
      /^"length" of parameter "p0": expected at most \d+ elements in a slab of 1048576 bytes, got 100000\. Allow splitParameters, or raise slabBytes$/.test(
        error.message,
      ),
  );
});

test("slabs too small for one block are refused", () => {
  assert.throws(
    () => planSlabs(parameters([100_000]), { ...options, slabBytes: 4 * PAGE_BYTES }),
    /"slabBytes" of the options: expected at least \d+ bytes, room for 4096 elements, got 262144/,
  );
});

test.run();
