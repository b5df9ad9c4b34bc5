import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, ready } from "../src/index.ts";
import type { Collective } from "../src/sharded/index.ts";
import { onAll, withRanks } from "./reference/ranks.ts";
import { inScratchFolder } from "./reference/scratch.ts";
import { ownedWeights } from "./scale-test/owned-weights.ts";
import {
  initial,
  lengthOf,
  NAMES,
  optionsOf,
  type Problem,
  writeGradients,
} from "./scale-test/problem.ts";
import type { Lost, Place, Report, Task } from "./scale-test/task.ts";
import { doTask, type Surroundings, trainAlone } from "./scale-test/train.ts";

// What scripts/scale-test.mjs has its ranks do, on threads' collectives and for a few steps.

const test = suite("scale test");
test.before(() => ready());

const STEPS = 4;
const around: Surroundings = {
  source: (folder) => folder,
  target: (folder) => folder,
  die: () => new Promise(() => {}),
  wire: () => null,
};
/** One that leaves where it is told to die: a thread of its own would have its ports closed. */
const mortal = (collective: Collective): Surroundings => ({
  ...around,
  die: async () => {
    await collective.close();
    return new Promise(() => {});
  },
});
const whole = (problem: Problem): Task => ({
  ...{ problem, steps: STEPS, from: null, save: null, victim: null },
});
const digests = (reports: readonly Report[]) =>
  reports.map((report) => (report.kind === "done" ? report.digest : report.message));

test("exact sums: one digest for any number of ranks", async () => {
  const expected = await trainAlone("exact", 1, STEPS);
  for (const size of [1, 2, 3, 4]) {
    assert.is(await trainAlone("exact", size, STEPS), expected);
    const reports = await withRanks(size, (ranks) =>
      onAll(ranks, (rank) => doTask(rank, whole("exact"), around)),
    );
    assert.equal(digests(reports), new Array(size).fill(expected));
  }
});

test("rounded sums: each number of ranks has the digest of its own process", async () => {
  const expected = await Promise.all([1, 2, 3].map((size) => trainAlone("rounded", size, STEPS)));
  assert.is(new Set(expected).size, 3);
  const reports = await withRanks(3, (ranks) =>
    onAll(ranks, (rank) => doTask(rank, whole("rounded"), around)),
  );
  assert.equal(digests(reports), new Array(3).fill(expected[2]));
});

test("rounded sums: another order has another digest, so that the check can fail", async () => {
  const digestOf = async (order: readonly number[]) => {
    const optimizer = await AdamW.create(initial(), optionsOf("rounded", STEPS));
    const gradients = Object.fromEntries(
      NAMES.map((name) => [name, new Float32Array(lengthOf(name))]),
    );
    for (const rank of order) {
      writeGradients(
        "rounded",
        0,
        { rank, size: 3 },
        (name) => optimizer.parameter(name).master,
        (name) => gradients[name],
      );
      optimizer.accumulate(gradients, { average: true });
    }
    optimizer.step();
    const digest = optimizer.digest();
    optimizer.dispose();
    return digest;
  };
  const ordered = await digestOf([0, 1, 2]);
  assert.is(await digestOf([0, 1, 2]), ordered);
  assert.is.not(await digestOf([0, 2, 1]), ordered);
});

for (const place of ["sums", "weights"] satisfies Place[]) {
  test(`a rank that ends while ${place} travel: all others stand at one step, and go on from a checkpoint`, () =>
    inScratchFolder(async (folder) => {
      const victim = { rank: 1, step: 3, place };
      const task: Task = { ...whole("exact"), save: { at: 1, folder }, victim };
      const survivors = await withRanks(3, async (ranks) => {
        const [first, second, third] = ranks.map((rank) => doTask(rank, task, mortal(rank)));
        // It never comes back.
        void second;
        return (await Promise.all([first, third])) as Lost[];
      });
      const done = place === "sums" ? 2 : 3;
      for (const { kind, code, about, steps, shard, owned, again } of survivors) {
        assert.equal(
          { kind, code, about, steps },
          { kind: "lost", code: "RANK_LOST", about: 1, steps: done },
        );
        let expected = "";
        await trainAlone("exact", 1, STEPS, (step, optimizer) => {
          if (step !== done) return;
          expected = ownedWeights(owned, (name) => optimizer.parameter(name).master);
        });
        assert.is(shard, expected);
        assert.match(again, /rank 1/);
      }
      const expected = await trainAlone("exact", 1, STEPS);
      const resumed = await withRanks(2, (two) =>
        onAll(two, (rank) => doTask(rank, { ...whole("exact"), from: folder }, around)),
      );
      assert.equal(digests(resumed), [expected, expected]);
      assert.equal(
        resumed.map((report) => report.kind === "done" && report.loaded),
        [1, 1],
      );
    }));
}

test.run();
