import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, seededGradients } from "../src/index.ts";
import { RunLedger } from "../src/ledger/run-ledger.ts";
import { AtomicFile } from "../src/state/files/atomic-file.ts";
import type { FileSystem } from "../src/state/files/file-system.ts";
import { nodeFileSystem } from "../src/state/files/node-file-system.ts";
import { deleteStaleTemporaries } from "../src/state/files/temporaries.ts";
import { inScratchFolder, namesIn } from "./reference/scratch.ts";
import { errorOf } from "./reference/transfers.ts";

// Links that somebody has put into the folder of a save, under names that saves use. What lies outside
// of the folder stays as it is. Windows lets only administrators make links.

const test = suite("links in the way of saves");
const node = nodeFileSystem() as FileSystem;
const { host, pid } = node.process;
const DAY = 24 * 60 * 60 * 1000;
const PRECIOUS = "what nobody may touch";

/** Runs with a folder that saves go to, and another one that holds what is precious. */
function beside(act: (folder: string, outside: string) => Promise<void>): Promise<void> {
  if (process.platform === "win32") return Promise.resolve();
  return inScratchFolder(async (scratch) => {
    const [folder, outside] = [join(scratch, "saves"), join(scratch, "outside")];
    mkdirSync(folder);
    mkdirSync(outside);
    writeFileSync(join(outside, "file"), PRECIOUS);
    mkdirSync(join(outside, "folder"));
    writeFileSync(join(outside, "folder", "file"), PRECIOUS);
    await act(folder, outside);
    assert.is(readFileSync(join(outside, "file"), "utf8"), PRECIOUS);
    assert.is(readFileSync(join(outside, "folder", "file"), "utf8"), PRECIOUS);
    assert.equal(namesIn(outside), ["file", "folder"]);
  });
}

/** The name of a temporary that anybody may make: given up a day after. */
const temporary = (random: string, by = 1) => `.m.${host}-${by}-${random}.tmp`;
/** Long after all temporaries were given up. */
const LATER = Date.now() + 2 * DAY;

test("stale temporaries that are links, folders or pipes stay, and so does what they lead to", () =>
  beside(async (folder, outside) => {
    symlinkSync(join(outside, "file"), join(folder, temporary("00000001")));
    symlinkSync(join(outside, "folder"), join(folder, temporary("00000002")));
    symlinkSync(join(outside, "absent"), join(folder, temporary("00000003")));
    mkdirSync(join(folder, temporary("00000004")));
    writeFileSync(join(folder, temporary("00000004"), "file"), "x");
    const before = namesIn(folder);
    writeFileSync(join(folder, temporary("00000005")), "x");
    await deleteStaleTemporaries(node, folder, "m", LATER);
    assert.equal(namesIn(folder), before, "all but the file");
  }));

test("a stale temporary that is a second name of a file elsewhere only loses that name", () =>
  beside(async (folder, outside) => {
    linkSync(join(outside, "file"), join(folder, temporary("00000001")));
    await deleteStaleTemporaries(node, folder, "m", LATER);
    assert.equal(namesIn(folder), []);
  }));

test("a folder that is a link is cleaned where it leads to, by a save that goes there", () =>
  beside(async (folder) => {
    const real = join(folder, "real");
    mkdirSync(real);
    symlinkSync(real, join(folder, "linked"));
    writeFileSync(join(folder, temporary("00000001")), "x");
    const optimizer = new AdamW({ w: Float32Array.of(1) });
    await optimizer.save(join(folder, "linked", "m"));
    assert.equal(namesIn(real), ["m"]);
    assert.ok(existsSync(join(folder, temporary("00000001"))), "not in the folder of the link");
  }));

test("a link that has the name of the next temporary is refused, not written through", () =>
  beside(async (folder, outside) => {
    const { getRandomValues } = crypto;
    crypto.getRandomValues = (array) => array;
    try {
      for (const [target, name] of [
        ["file", "m"],
        ["absent", "n"],
      ]) {
        const link = join(folder, `.${name}.${host}-${pid}-00000000.tmp`);
        symlinkSync(join(outside, target), link);
        const error = await errorOf(() => AtomicFile.open(node, join(folder, name)));
        assert.is(error.code, "EEXIST");
        assert.is(readlinkSync(link), join(outside, target), "it is still there");
      }
    } finally {
      crypto.getRandomValues = getRandomValues;
    }
    assert.is(namesIn(folder).length, 2);
  }));

test("the version before is not kept through a link", () =>
  beside(async (folder, outside) => {
    const optimizer = new AdamW({ w: Float32Array.of(1) });
    const path = join(folder, "m");
    await optimizer.save(path);
    symlinkSync(join(outside, "file"), `${path}.1`);
    const before = readFileSync(path);
    const error = await errorOf(() => optimizer.save(path, { keep: 1 }));
    assert.match(error.message, /m\.1" is no file, and a version would be kept there/);
    assert.equal(readFileSync(path), before);
    assert.equal(namesIn(folder), ["m", "m.1"]);
  }));

test("a save to a link replaces what it leads to, and the link stays", () =>
  beside(async (folder) => {
    const real = join(folder, "real");
    mkdirSync(real);
    const optimizer = new AdamW({ w: Float32Array.of(1) });
    symlinkSync(join("real", "m"), join(folder, "latest"));
    for (const versions of [["m"], ["m", "m.1"]]) {
      await optimizer.save(join(folder, "latest"), { keep: 1 });
      assert.ok(lstatSync(join(folder, "latest")).isSymbolicLink());
      assert.equal(namesIn(real), versions);
      assert.equal(namesIn(folder), ["latest", "real"]);
    }
    const loaded = await AdamW.load(join(folder, "latest"));
    assert.is(loaded.digest(), optimizer.digest());
  }));

test("the files beside a ledger are new ones: a link of such a name is taken for one", () =>
  beside(async (folder, outside) => {
    for (const name of ["start.safetensors", "gradients"]) {
      symlinkSync(join(outside, "absent"), join(folder, `run.${name}`));
    }
    const before = namesIn(folder);
    for (const replay of [true, seededGradients({ seed: 7 })]) {
      const optimizer = new AdamW({ w: Float32Array.of(1) });
      const ledger = await RunLedger.open(join(folder, "run.jsonl"), optimizer, { replay });
      optimizer.step({ w: Float32Array.of(1) });
      await ledger.close();
      const made = ["run-2.start.safetensors", "run.jsonl"];
      if (replay === true) made.push("run-2.gradients");
      assert.equal(namesIn(folder), [...before, ...made].sort());
      for (const name of made) rmSync(join(folder, name));
    }
  }));

test("a ledger is not begun through a link", () =>
  beside(async (folder, outside) => {
    const optimizer = new AdamW({ w: Float32Array.of(1) });
    for (const target of ["file", "absent"]) {
      const path = join(folder, `${target}.jsonl`);
      symlinkSync(join(outside, target), path);
      const error = await errorOf(() => RunLedger.open(path, optimizer, { replay: true }));
      assert.is(error.code, "EEXIST");
    }
    assert.equal(namesIn(folder), ["absent.jsonl", "file.jsonl"]);
  }));

test.run();
