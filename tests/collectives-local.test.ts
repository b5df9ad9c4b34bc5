import { suite } from "uvu";
import * as assert from "uvu/assert";
import { joinLocal, localRanks, soloCollective } from "../src/collectives/index.ts";
import { conformance } from "./collectives/conformance.ts";
import { exercise, expectedDigest, expectedDigests } from "./collectives/exercise.ts";

// Ranks of one process, all in this thread.

const test = suite("collectives-local");

conformance(test, (size) => Promise.all(localRanks(size).map(joinLocal)));

test("the seeded calls have sums whose bits depend on their order", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const reversed = expectedDigests(seed, 3, {}, [2, 1, 0]);
    expectedDigests(seed, 3).forEach((digest, rank) => {
      assert.is.not(digest, reversed[rank]);
    });
  }
});

test("a group of one needs no others", async () => {
  const solo = soloCollective();
  assert.is(await exercise(solo, 5), expectedDigest(5, 0, 1));
  await solo.close();
});

test.run();
