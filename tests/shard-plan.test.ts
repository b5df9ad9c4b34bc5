import { suite } from "uvu";
import * as assert from "uvu/assert";
import { planShards, type ShardPlan } from "../src/sharded/shard-plan.ts";
import { xorshift32 } from "./reference/random.ts";

// Who owns what: every element once, blocks whole, ranks in order, nothing lies over anything else.

const test = suite("shard plan");

const BLOCK = 4096;

interface Case {
  readonly lengths: readonly number[];
  readonly ranks: number;
  readonly bucketLength: number;
  readonly memoryLength: number;
}

function check({ shards, places, memories, buckets }: ShardPlan, of: Case): void {
  const { lengths, ranks, bucketLength, memoryLength } = of;
  const total = lengths.reduce((sum, length) => sum + length, 0);
  assert.is(shards.length, ranks);
  assert.is(buckets, Math.max(0, ...shards.map((slices) => slices.length)));
  // Every element once, in the order of the parameters and of the ranks.
  const runs = shards.flatMap((slices) => slices.flatMap((slice) => slice.runs));
  let at = 0;
  lengths.forEach((length, parameter) => {
    for (let first = 0; first < length; at++) {
      const run = runs[at];
      assert.is(run.parameter, parameter);
      assert.is(run.first, first);
      assert.is(first % BLOCK, 0);
      assert.ok(run.length > 0);
      assert.is(run.offset, places[parameter].offset + first);
      first += run.length;
      assert.ok(first === length || first % BLOCK === 0);
    }
  });
  assert.is(at, runs.length);
  // As many for each rank, but for a block.
  let owned = 0;
  shards.forEach((slices, rank) => {
    owned += slices.flatMap(({ runs }) => runs).reduce((sum, { length }) => sum + length, 0);
    const share = ((rank + 1) * total) / ranks;
    assert.ok(owned >= share - 1e-6 * total && owned < share + BLOCK, `${owned} after ${rank}`);
  });
  for (const { memory, start, end, runs } of shards.flat()) {
    assert.is(start, runs[0].offset);
    const last = runs[runs.length - 1];
    assert.is(end, last.offset + last.length);
    assert.ok(end - start <= bucketLength, `${end - start}`);
    for (const { parameter } of runs) assert.is(places[parameter].memory, memory);
  }
  // Parameters lie apart, at cache lines, within their memory.
  const ends = memories.map(() => 0);
  lengths.forEach((length, parameter) => {
    const { memory, offset } = places[parameter];
    assert.is(offset % 32, 0);
    assert.ok(offset >= ends[memory]);
    ends[memory] = offset + length;
  });
  memories.forEach((length, memory) => {
    assert.is(length, ends[memory]);
    assert.ok(length <= memoryLength);
  });
}

const plan = (of: Case) => check(planShards(of.lengths, of), of);

test("edges: nothing, one element, whole blocks, more ranks than blocks", () => {
  for (const lengths of [[], [0], [1], [4096], [4097], [8192, 0, 8192], [1, 1, 1, 1], [0, 5, 0]]) {
    for (const ranks of [1, 2, 3, 8]) {
      plan({ lengths, ranks, bucketLength: BLOCK, memoryLength: 16_384 });
    }
  }
});

test("random models, ranks, buckets and memories", () => {
  const next = xorshift32(0x9e3779b9);
  const below = (limit: number) => next() % limit;
  for (let round = 0; round < 500; round++) {
    const memoryLength = 20_000 + below(60_000);
    const lengths = Array.from({ length: 1 + below(12) }, () => {
      const kind = below(4);
      if (kind === 0) return below(5);
      if (kind === 1) return BLOCK * below(5);
      return below(memoryLength + 1);
    });
    const bucketLength = BLOCK + below(4 * BLOCK);
    plan({ lengths, ranks: 1 + below(9), bucketLength, memoryLength });
  }
});

test("seven thousand million elements on ten thousand ranks", () => {
  const lengths = Array.from({ length: 32 }, () => [16_777_216, 16_777_216, 180_355_072]).flat();
  const of = { lengths, ranks: 10_000, bucketLength: 1 << 20, memoryLength: 1_073_725_440 };
  plan(of);
});

test.run();
