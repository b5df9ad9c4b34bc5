import type { Test } from "uvu";
import * as assert from "uvu/assert";
import type { Collective } from "../../src/collectives/collective.ts";
import { exercise, expectedDigests } from "./exercise.ts";

/** Makes the ranks of a group, in the order of their numbers; the tests close them. */
export type MakeRanks = (size: number) => Promise<readonly Collective[]>;

/** What every Collective does, whatever carries its bytes: the tests for one of them. */
export function conformance(test: Test, makeRanks: MakeRanks, sizes = [1, 2, 3, 4, 5]): void {
  const withRanks = async (
    size: number,
    use: (collective: Collective) => Promise<void>,
  ): Promise<void> => {
    const ranks = await makeRanks(size);
    try {
      assert.equal(
        ranks.map((each) => [each.rank, each.size]),
        ranks.map((_, rank) => [rank, size]),
      );
      await Promise.all(ranks.map(use));
    } finally {
      await Promise.all(ranks.map((each) => each.close()));
    }
  };

  for (const size of sizes) {
    test(`${size} ranks: seeded calls of all kinds give what plain loops give`, async () => {
      const seeds = Array.from({ length: 12 }, (_, i) => i + 1);
      const expected = seeds.map((seed) => expectedDigests(seed, size));
      await withRanks(size, async (collective) => {
        for (const [i, seed] of seeds.entries()) {
          const digest = await exercise(collective, seed);
          assert.is(digest, expected[i][collective.rank], `seed ${seed}`);
        }
      });
    });

    test(`${size} ranks: nothing to give`, () =>
      withRanks(size, async (collective) => {
        const none = Array.from({ length: size }, () => new Float32Array(0));
        await collective.allGather(none.map(() => new Uint8Array(0)));
        await collective.reduceScatter(none, new Float32Array(0), "ordered");
        await collective.allReduce(new Float64Array(0), "ordered");
        await collective.broadcast(new Uint8Array(0), size - 1);
      }));

    test(`${size} ranks: nobody passes a barrier before the last has come`, async () => {
      const came = new Set<number>();
      await withRanks(size, async (collective) => {
        const { rank } = collective;
        await new Promise((resolve) => setTimeout(resolve, 20 * (size - rank)));
        came.add(rank);
        await collective.barrier();
        assert.is(came.size, size);
      });
    });

    // What is long for three is no longer for more.
    if (size > 3) continue;
    test(`${size} ranks: parts of more than a megabyte`, async () => {
      const large = { calls: 5, elements: 600_000 };
      const expected = expectedDigests(3, size, large);
      await withRanks(size, async (collective) => {
        assert.is(await exercise(collective, 3, large), expected[collective.rank]);
      });
    });
  }

  test("ordered sums are made in rank order, each rounded once", () =>
    withRanks(3, async (collective) => {
      const given = [1e8, 1, -1e8];
      const parts = given.map(() => Float32Array.of(given[collective.rank], -0));
      const into = new Float32Array(2);
      await collective.reduceScatter(parts, into, "ordered");
      // 1e8 + 1 is 1e8 in float32; (1e8 - 1e8) + 1 would be 1, and so would a sum in float64.
      assert.ok(Object.is(into[0], 0) && Object.is(into[1], -0), String(into));
      const values = Float64Array.of([1e17, 1, -1e17][collective.rank], -0);
      await collective.allReduce(values, "ordered");
      assert.ok(Object.is(values[0], 0) && Object.is(values[1], -0), String(values));
    }));
}
