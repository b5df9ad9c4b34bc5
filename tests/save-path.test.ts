import { Buffer } from "node:buffer";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openTarget } from "../src/state/targets/open-target.ts";
import { inScratchFolder, namesIn } from "./reference/scratch.ts";
import { assertEnds, assertReads, errorOf, someBytes, writeBytes } from "./reference/transfers.ts";

const test = suite("saves to paths");

/** A test in a folder of its own. */
const inFolder = (name: string, act: (folder: string) => Promise<void>) =>
  test(name, () => inScratchFolder(act));

const A = someBytes(20_003, 1);
const B = someBytes(17_001, 2);
const assertFile = (path: string, bytes: Uint8Array) =>
  assert.is(Buffer.compare(readFileSync(path), bytes), 0, path);

inFolder("a path and a file: URL, the first save and the next", async (folder) => {
  const path = join(folder, "näme with %20 and #.safetensors");
  await writeBytes(path, A);
  assertFile(path, A);
  await assertReads(path, A);
  await assertEnds(() => path, A.length);
  await writeBytes(pathToFileURL(path), B);
  assertFile(path, B);
  await assertReads(pathToFileURL(path), B);
  await writeBytes(path, new Uint8Array(0));
  await assertReads(path, new Uint8Array(0));
  assert.equal(namesIn(folder), ["näme with %20 and #.safetensors"]);
});

inFolder("a relative path stays where it was when the working folder changes", async (folder) => {
  mkdirSync(join(folder, "elsewhere"));
  const before = process.cwd();
  try {
    process.chdir(folder);
    const sink = await openTarget("m.safetensors");
    process.chdir(join(folder, "elsewhere"));
    await sink.write(A);
    await sink.close();
  } finally {
    process.chdir(before);
  }
  assertFile(join(folder, "m.safetensors"), A);
});

inFolder("until close, and after abort, the old file is there", async (folder) => {
  const path = join(folder, "m");
  writeFileSync(path, A);
  const sink = await openTarget(path);
  await sink.write(B);
  assertFile(path, A);
  assert.is(namesIn(folder).length, 2);
  await sink.abort(new Error("no"));
  assertFile(path, A);
  assert.equal(namesIn(folder), ["m"]);
});

inFolder("a load goes on with the file that it opened", async (folder) => {
  const path = join(folder, "m");
  await writeBytes(path, A);
  const { openSource } = await import("../src/state/sources/open-source.ts");
  const reader = await openSource(path);
  const into = new Uint8Array(A.length);
  await reader.read(into.subarray(0, 100));
  await writeBytes(path, B);
  await reader.read(into.subarray(100));
  assert.is(Buffer.compare(into, A), 0);
  await reader.close();
});

inFolder("a file keeps its permissions, and a new one has the usual", async (folder) => {
  const path = join(folder, "m");
  const usual = 0o666 & ~process.umask();
  await writeBytes(path, A);
  assert.is(statSync(path).mode & 0o777, usual);
  for (const mode of [0o600, 0o640, 0o666, 0o755]) {
    chmodSync(path, mode);
    await writeBytes(path, B);
    assert.is(statSync(path).mode & 0o777, mode);
  }
});

inFolder("a link stays and what it points to is replaced", async (folder) => {
  mkdirSync(join(folder, "run"));
  symlinkSync(join("run", "step-1"), join(folder, "latest"));
  symlinkSync("latest", join(folder, "best"));
  await writeBytes(join(folder, "best"), A); // what it points to does not exist yet
  assertFile(join(folder, "run", "step-1"), A);
  await writeBytes(join(folder, "latest"), B, { keep: 1 });
  assertFile(join(folder, "run", "step-1"), B);
  assertFile(join(folder, "run", "step-1.1"), A);
  assert.ok(lstatSync(join(folder, "latest")).isSymbolicLink());
  assert.is(readlinkSync(join(folder, "best")), "latest");
  assert.equal(namesIn(join(folder, "run")), ["step-1", "step-1.1"]);
});

inFolder("two names of one file part: the other keeps the old contents", async (folder) => {
  writeFileSync(join(folder, "m"), A);
  linkSync(join(folder, "m"), join(folder, "other"));
  await writeBytes(join(folder, "m"), B);
  assertFile(join(folder, "m"), B);
  assertFile(join(folder, "other"), A);
});

inFolder("what must not be replaced is refused before anything is written", async (folder) => {
  const at = (name: string) => join(folder, name);
  writeFileSync(at("file"), A);
  writeFileSync(at("protected"), A);
  chmodSync(at("protected"), 0o444);
  mkdirSync(at("folder"));
  symlinkSync("round", at("round"));
  const before = namesIn(folder);
  const rows: [target: string, code: string, detail: string][] = [
    [at("no/m"), "ENOENT", "no such file or directory"],
    [at("file/m"), "ENOTDIR", ""],
    [at("folder"), "EISDIR", "a folder has that name"],
    [`${at("new")}/`, "EISDIR", "expected the path of a file, got that of a folder"],
    [at("round"), "ELOOP", ""],
    [at("protected"), "EACCES", "the file is write-protected"],
    ["/dev/null", "EINVAL", "no regular file. For a pipe, give a stream"],
    [at("x".repeat(300)), "ENAMETOOLONG", ""],
  ];
  for (const [target, code, detail] of rows) {
    const error = await errorOf(() => openTarget(target));
    assert.is(error.code, code, error.message);
    assert.ok(error.message.startsWith('save to "/'), error.message);
    assert.match(error.message, `cannot start: ${code}`);
    assert.match(error.message, detail);
  }
  assert.equal(namesIn(folder), before);
  assertFile(at("protected"), A);
  assert.ok(statSync("/dev/null").isCharacterDevice());
});

inFolder("keep: n keeps the last n older versions", async (folder) => {
  const path = join(folder, "m");
  const versions = Array.from({ length: 6 }, (_, i) => someBytes(5000 + i, i + 1));
  for (const bytes of versions.slice(0, 5)) await writeBytes(path, bytes, { keep: 2 });
  assert.equal(namesIn(folder), ["m", "m.1", "m.2"]);
  for (const [i, name] of ["m", "m.1", "m.2"].entries()) {
    assertFile(join(folder, name), versions[4 - i] as Uint8Array);
  }
  // A smaller number deletes nothing that an earlier save has kept.
  await writeBytes(path, versions[5] as Uint8Array, { keep: 1 });
  assert.equal(namesIn(folder), ["m", "m.1", "m.2"]);
  assertFile(join(folder, "m.1"), versions[4] as Uint8Array);
  assertFile(join(folder, "m.2"), versions[2] as Uint8Array);
});

inFolder("a name of an older version that is no file is an error", async (folder) => {
  const path = join(folder, "m");
  writeFileSync(path, A);
  mkdirSync(`${path}.1`);
  const error = await errorOf(() => writeBytes(path, B, { keep: 2 }));
  assert.is(error.code, "EEXIST");
  assert.match(error.message, 'm.1" is no file, and a version would be kept there. The file is as');
  assertFile(path, A);
  assert.equal(namesIn(folder), ["m", "m.1"]);
});

inFolder("saves at once to one path are each whole, the last wins", async (folder) => {
  const path = join(folder, "m");
  const versions = Array.from({ length: 8 }, (_, i) => someBytes(3000 + i, i + 1));
  await Promise.all(versions.map((bytes) => writeBytes(path, bytes)));
  const found = readFileSync(path);
  assert.ok(versions.some((bytes) => Buffer.compare(bytes, found) === 0));
  assert.equal(namesIn(folder), ["m"]);
});

test.run();
