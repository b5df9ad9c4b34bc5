import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BLOCK_LENGTH } from "../assembly/layout.ts";
import { cutChunks, mostChunks } from "../src/core/threads/chunks.ts";
import { xorshift32 } from "./reference/random.ts";

const test = suite("chunks");

const next = xorshift32(0x5eed);
const randomLengths = (count: number, most: number) =>
  Array.from({ length: count }, () => 1 + (next() % most));
const CASES: readonly (readonly number[])[] = [
  [1],
  [4096],
  [4097],
  [65_536],
  [1_048_576],
  // Chunks of a few blocks: their length follows from the elements.
  [300_000],
  [200_000, 100_001],
  [30_000_000],
  [5, 5, 5],
  randomLengths(200, 100),
  randomLengths(200, 10_000),
  randomLengths(50, 1_000_000),
  [3, 9_000_000, 1, 1, 4_000_000, 8191],
];

test("every element is in one span of one chunk, in order, and no reduction block is cut", () => {
  for (const lengths of CASES) {
    let segment = 0;
    let reached = 0;
    for (const span of cutChunks(lengths).flat()) {
      if (reached === lengths[segment]) {
        segment++;
        reached = 0;
      }
      assert.is(span.segment, segment);
      assert.is(span.first, reached);
      assert.is(span.first % BLOCK_LENGTH, 0);
      assert.ok(span.length >= 1);
      reached += span.length;
      assert.ok(reached <= lengths[segment]);
    }
    assert.is(segment, lengths.length - 1);
    assert.is(reached, lengths[segment]);
  }
});

test("there are no more chunks and spans than room is made for, and none is empty or huge", () => {
  for (const lengths of CASES) {
    const chunks = cutChunks(lengths);
    const elements = lengths.reduce((sum, length) => sum + length, 0);
    const most = mostChunks(elements);
    assert.ok(chunks.length <= most, `${chunks.length} chunks of ${elements}, room for ${most}`);
    assert.ok(chunks.flat().length <= most + lengths.length);
    for (const chunk of chunks) {
      const size = chunk.reduce((sum, { length }) => sum + length, 0);
      assert.ok(size > 0 && size <= 2 * 65_536, `a chunk of ${size}`);
    }
  }
});

test("a slab that is worth two threads has work for them", () => {
  for (const elements of [16_384, 100_000, 1_000_000]) {
    assert.ok(cutChunks([elements]).length >= 4, `${elements}`);
  }
});

test.run();
