import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AtomicFile } from "../src/state/files/atomic-file.ts";
import { SimulatedDisk } from "./crash/disk.ts";
import { diskOf, NAME, PATH, version } from "./crash/explore.ts";
import { type Decide, failing } from "./crash/failing.ts";

// Every call of a save fails once, with what a system may say.

const test = suite("saves and errors of the system");

/** Calls that a save can do without. */
const OPTIONAL = ["readdir", "chmod", "close the folder"];
/** A stale temporary of a process that is gone. */
const STALE = `.${NAME}.0000beef-77-01234567.tmp`;

interface Outcome {
  readonly error: (Error & { code?: string; path?: string }) | null;
  readonly calls: readonly string[];
  readonly disk: SimulatedDisk;
  readonly temporaries: readonly string[];
}

async function save(before: readonly number[], code: string, decide: Decide): Promise<Outcome> {
  const state = new Map([...diskOf(before), [STALE, version(6)]]);
  const disk = new SimulatedDisk(state, { mostBytes: 16, hasLinks: code !== "EPERM" });
  const { fs, calls } = failing(disk, code, decide);
  let error: Outcome["error"] = null;
  let file: AtomicFile | null = null;
  try {
    file = await AtomicFile.open(fs, PATH, 2);
    const bytes = version(4);
    await file.write(bytes.subarray(0, 20));
    await file.write(bytes.subarray(20));
    await file.close();
  } catch (caught) {
    error = caught as Error;
    await file?.abort(caught);
  }
  const temporaries = [...disk.names.keys()].filter((name) => name.endsWith(".tmp"));
  return { error, calls, disk, temporaries };
}

for (const code of ["ENOSPC", "EACCES", "EIO", "EPERM"]) {
  for (const before of [[], [1], [3, 2, 1]]) {
    test(`${code} at each call in turn, ${before.length} versions`, async () => {
      const whole = await save(before, code, () => false);
      assert.is(whole.error, null);
      assert.equal(whole.disk.read(NAME), version(4));
      const seen = new Set<string>();
      for (let n = 0; n < whole.calls.length; n++) {
        const call = whole.calls[n] as string;
        const { error, disk, temporaries } = await save(before, code, (index) => index === n);
        const title = `${call}, call ${n}`;
        assert.is(disk.openFiles, 0, `${title}: files are left open`);
        const isStale = temporaries.includes(STALE);
        const ours = temporaries.length - (isStale ? 1 : 0);
        assert.is(ours, 0, `${title}: left ${temporaries}`);
        if (!error) {
          // The rest is what a save can do without.
          const isLink = call === "link" && code !== "ENOSPC" && code !== "EIO";
          const isOptional = isStale || isLink || OPTIONAL.includes(call);
          assert.ok(isOptional, `${title}: nothing thrown`);
          assert.equal(disk.read(NAME), version(4), title);
          continue;
        }
        seen.add(call);
        assert.is(error.code, code, title);
        assert.is(error.path, PATH, title);
        assert.match(error.message, `save to "${PATH}"`);
        assert.match(error.message, `${code}: as the test says, ${call}`);
        assert.ok(error.cause instanceof Error, title);
        const isInPlace = error.message.includes("The new file is in place and whole");
        const expected = isInPlace ? version(4) : before[0] && version(before[0]);
        assert.equal(disk.read(NAME), expected, title);
        if (isInPlace) assert.is(call, "fsync the folder");
        else if (before.length > 0 && !error.message.includes("cannot start")) {
          assert.match(error.message, "The file is as it was before");
        }
      }
      for (const call of ["realpath", "stat", "open", "write", "fsync", "close", "rename"]) {
        assert.ok(seen.has(call), `${call} did not fail the save`);
      }
      assert.ok(seen.has("fsync the folder") && seen.has("open the folder"));
    });
  }
}

test("a system that fails from some call on leaves the old file", async () => {
  const whole = await save([1], "EIO", () => false);
  const isRenamed = (n: number) => n > whole.calls.lastIndexOf("rename");
  for (let n = 0; n < whole.calls.length; n++) {
    const { error, disk, temporaries } = await save([1], "EIO", (index) => index >= n);
    assert.equal(disk.read(NAME), version(isRenamed(n) ? 4 : 1), `from call ${n}`);
    if (!error) continue;
    const ours = temporaries.filter((name) => name !== STALE);
    const isTold = ours.length === 0 || error.message.endsWith('.tmp" could not be deleted');
    assert.ok(isTold, error.message);
  }
});

test("the message says what was tried, why it failed and what remains", async () => {
  const { error } = await save([1], "ENOSPC", (_, call) => call === "write");
  const why = "ENOSPC: as the test says, write";
  assert.is(
    error?.message,
    `save to "${PATH}" cannot be written: ${why}. The file is as it was before`,
  );
  const first = await save([], "ENOSPC", (_, call) => call === "rename");
  assert.is(
    first.error?.message,
    `save to "${PATH}" cannot get its name: ENOSPC: as the test says, rename. ` +
      "There is no file, as before",
  );
});

test("a disk that takes no bytes and says nothing is an error", async () => {
  const disk = new SimulatedDisk(diskOf([1]), { mostBytes: 0 });
  const file = await AtomicFile.open(disk, PATH);
  let message = "";
  await file.write(version(4)).catch((error) => {
    message = error.message;
  });
  assert.match(message, "EIO: wrote 0 of 45 bytes");
  assert.equal(disk.read(NAME), version(1));
});

test("a save that has ended takes no more", async () => {
  const disk = new SimulatedDisk(diskOf([1]));
  const file = await AtomicFile.open(disk, PATH);
  await file.write(version(4));
  await file.close();
  for (const act of [() => file.write(version(5)), () => file.close()]) {
    let message = "";
    await act().catch((error) => {
      message = error.message;
    });
    assert.match(
      message,
      /^(write|close) of the save to "\/data\/model\.safetensors": it has ended$/,
    );
  }
  await file.abort("too late");
  assert.equal(disk.read(NAME), version(4));
});

test("what was aborted leaves the old file and nothing else", async () => {
  const disk = new SimulatedDisk(diskOf([1]));
  const file = await AtomicFile.open(disk, PATH);
  await file.write(version(4));
  await file.abort(new Error("changed our mind"));
  await file.abort(new Error("twice"));
  assert.equal([...disk.names.keys()], [NAME, "other.bin"]);
  assert.equal(disk.read(NAME), version(1));
  assert.is(disk.openFiles, 0);
});

test.run();
