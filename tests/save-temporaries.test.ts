import { spawnSync } from "node:child_process";
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AtomicFile } from "../src/state/files/atomic-file.ts";
import type { FileSystem } from "../src/state/files/file-system.ts";
import { nodeFileSystem } from "../src/state/files/node-file-system.ts";
import { deleteStaleTemporaries } from "../src/state/files/temporaries.ts";
import { inScratchFolder, namesIn } from "./reference/scratch.ts";

// Whose temporaries a save deletes: those that nobody can be writing.

const test = suite("temporaries of saves");
const node = nodeFileSystem() as FileSystem;
const { host, pid, started } = node.process;
const DAY = 24 * 60 * 60 * 1000;

/** The id of a process that has ended. */
const deadPid = () => spawnSync(process.execPath, ["-e", "0"]).pid;

test("the file system says who saves", () => {
  assert.match(host, /^[0-9a-f]{8}$/);
  assert.is(pid, process.pid);
  assert.ok(Math.abs(started - performance.timeOrigin) < 1000);
  assert.ok(node.process.isAlive(process.pid));
  assert.ok(node.process.isAlive(1)); // of another user, as a rule
  assert.not(node.process.isAlive(deadPid()));
});

test("only what nobody can be writing is deleted", () =>
  inScratchFolder(async (folder) => {
    const dead = deadPid();
    const stale = [`.m.${host}-${dead}-00000000.tmp`, `.m.${host}-${dead}-ffffffff.tmp`];
    const others = [
      `.m.${host}-${process.ppid}-00000000.tmp`, // a process that lives
      `.m.${host}-${pid}-00000000.tmp`, // this one, another thread
      `.m.00000bad-${dead}-00000000.tmp`, // another machine, of a shared folder
      `.n.${host}-${dead}-00000000.tmp`, // of another name
      `.m.n.${host}-${dead}-00000000.tmp`,
      `.m.${host}-${dead}-0000000.tmp`, // not ours, by its pattern
      `.m.${host}-0${dead}-00000000.tmp`,
      `.m.${host}-${dead}-00000000.tmp.x`,
      `m.${host}-${dead}-00000000.tmp`,
      ".m.tmp",
      "m",
    ];
    for (const name of [...stale, ...others]) writeFileSync(join(folder, name), "x");
    await deleteStaleTemporaries(node, folder, "m");
    assert.equal(namesIn(folder), others.sort());
    // A day later nobody writes any more.
    await deleteStaleTemporaries(node, folder, "m", Date.now() + DAY + 1000);
    const isOurs = /^\.m\.[0-9a-f]{8}-[1-9]\d*-[0-9a-f]{8}\.tmp$/;
    assert.equal(
      namesIn(folder),
      others.filter((name) => !isOurs.test(name)),
    );
  }));

test("one that is older than the process is not the process's, whatever its id", () =>
  inScratchFolder(async (folder) => {
    const name = `.m.${host}-${pid}-00000000.tmp`;
    writeFileSync(join(folder, name), "x");
    const later = { ...node, process: { ...node.process, started: Date.now() + 5000 } };
    await deleteStaleTemporaries(later, folder, "m");
    assert.equal(namesIn(folder), []);
  }));

test("a link of an old file counts from when it was linked", () =>
  inScratchFolder(async (folder) => {
    writeFileSync(join(folder, "m"), "x");
    utimesSync(join(folder, "m"), 1e9, 1e9);
    const name = `.m.00000bad-1-00000000.tmp`;
    await node.link(join(folder, "m"), join(folder, name));
    await deleteStaleTemporaries(node, folder, "m");
    assert.equal(namesIn(folder), [name, "m"]);
  }));

test("a save under way is not disturbed by another of the same name", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "m");
    // As if this process had begun later: only the list of those in use protects the first.
    const later = { ...node, process: { ...node.process, started: Date.now() + 5000 } };
    const first = await AtomicFile.open(later, path);
    await first.write(Uint8Array.of(1));
    const second = await AtomicFile.open(later, path);
    await second.write(Uint8Array.of(2));
    await first.close();
    await second.close();
    assert.equal(namesIn(folder), ["m"]);
  }));

test.run();
