import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  inPlaceSaver,
  withLastFolderSyncOnly,
  withLateFileSync,
  withMovedOldFile,
  withoutCleaning,
  withoutFileSync,
  withoutFolderSync,
  withUnlinkBeforeRename,
} from "./crash/broken.ts";
import { atomicSaver, diskOf, explore, recover, type Saver, type Scene } from "./crash/explore.ts";
import type { NameModel } from "./crash/states.ts";

// Power failures. At every call of a save, whatever a disk may lose, tear or reorder of what was not
// synced: the name has the old file or the new, and after close() the new.

const test = suite("saves and power failures");

/** Numbers of versions that were there, the newest first; how many of them must outlast the save. */
const SCENES: readonly { keep: number; before: readonly number[]; hasLinks?: boolean }[] = [
  { keep: 0, before: [] },
  { keep: 0, before: [1] },
  { keep: 1, before: [2, 1] },
  { keep: 2, before: [] },
  { keep: 2, before: [1] },
  { keep: 2, before: [2, 1] },
  { keep: 2, before: [3, 2, 1] },
  { keep: 3, before: [3, 2, 1] },
  { keep: 2, before: [3, 2, 1], hasLinks: false },
];

const sceneOf = (row: (typeof SCENES)[number], model: NameModel): Scene => ({
  before: diskOf(row.before),
  saved: 4,
  // Torn renames may lose an older version: what is promised is the name itself.
  kept: model === "whole" ? row.before.slice(0, row.keep) : [],
  hasLinks: row.hasLinks ?? true,
  model,
  mostBytes: 5,
});

let states = 0;

for (const row of SCENES) {
  const { keep, before, hasLinks = true } = row;
  const title = `keep ${keep}, ${before.length} versions${hasLinks ? "" : ", no links"}`;
  test(`${title}: every crash leaves the old file or the new, and the next save works`, async () => {
    const save = atomicSaver(keep);
    const distinct = new Map();
    for (const model of ["whole", "torn"] as const) {
      const found = await explore(save, sceneOf(row, model));
      assert.equal(found.violations, []);
      assert.ok(found.points >= 10, `${found.points} points`);
      states += found.states;
      for (const [key, state] of found.distinct) distinct.set(key, state);
    }
    for (const state of distinct.values()) {
      assert.equal(await recover(save, state, { saved: 5, keep, hasLinks }), []);
    }
    console.log(`${title}: ${distinct.size} states that differ`);
  });
}

test("these were many states", () => {
  console.log(`${states} states`);
  assert.ok(states > 10_000, `${states} states`);
});

test("a crash of the save after a crash leaves the file of before or its own", async () => {
  const save = atomicSaver(1);
  const first = await explore(save, sceneOf({ keep: 1, before: [2, 1] }, "whole"));
  let points = 0;
  let states = 0;
  for (const before of first.distinct.values()) {
    const second = await explore(save, { before, saved: 5, model: "whole", pid: 2000 });
    assert.equal(second.violations, []);
    points += second.points;
    states += second.states;
  }
  console.log(`${first.distinct.size} disks, ${points} points, ${states} states`);
  assert.ok(states > 10_000, `${states} states`);
});

const BROKEN: readonly [name: string, save: Saver, violation: RegExp, keep?: number][] = [
  ["without fsync of the file", atomicSaver(0, withoutFileSync), /another file$/],
  ["with fsync after the rename", atomicSaver(0, withLateFileSync), /after rename: another file/],
  ["without fsync of the folder", atomicSaver(0, withoutFolderSync), /at last: the save is undone/],
  ["with unlink before rename", atomicSaver(0, withUnlinkBeforeRename), /no file/],
  ["in place", inPlaceSaver, /after truncate: another file/],
  ["that moves the old file away", atomicSaver(2, withMovedOldFile), /no file/, 2],
  ["that syncs the folder once", atomicSaver(2, withLastFolderSyncOnly), /version \d is lost/, 2],
];

for (const [name, save, violation, keep = 0] of BROKEN) {
  test(`the exploration catches a saver ${name}`, async () => {
    const { violations } = await explore(save, sceneOf({ keep, before: [3, 2, 1] }, "whole"));
    assert.ok(
      violations.some((found) => violation.test(found)),
      violations.join("; "),
    );
  });
}

test("the exploration catches a saver that leaves temporaries", async () => {
  const { distinct } = await explore(atomicSaver(), sceneOf({ keep: 0, before: [1] }, "whole"));
  const wrong = await Promise.all(
    [...distinct.values()].map((state) => recover(withoutCleaning, state, { saved: 5, keep: 0 })),
  );
  assert.ok(wrong.flat().some((found) => found.startsWith("left behind")));
});

test.run();
