import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GOOD, HEAD, MODES, withGood } from "./harness/broken-files.ts";

// The runner itself, on folders of tiny test files: what it must pass, and every way to break a
// test that plain uvu, or a careless runner, reports as success.

const RUNNER = fileURLToPath(new URL("./run.js", import.meta.url));

interface Result {
  readonly code: number | string | null | undefined;
  readonly output: string;
  readonly lastLine: string;
}

/** Runs the runner on a new folder that holds `files`. */
function run(files: Record<string, string>, ...args: string[]): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), "runner-test-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return new Promise((resolve) => {
    const argv = [RUNNER, "--dir", dir, ...args];
    const options = { cwd: dir, timeout: 60_000 };
    execFile(process.execPath, argv, options, (error, stdout, stderr) => {
      rmSync(dir, { recursive: true, force: true });
      const lastLine = stdout.trimEnd().split("\n").at(-1) ?? "";
      resolve({ code: error ? error.code : 0, output: stdout + stderr, lastLine });
    });
  });
}

const good = suite("runner, good files");

good("passes one good file with exit code 0", async () => {
  const { code, output, lastLine } = await run({ "a.test.mjs": GOOD });
  assert.is(lastLine, "1 passed, 0 failed", output);
  assert.is(code, 0);
  assert.match(output, /^ok {3}a\.test\.mjs {2}1 passed {2}\d+ ms$/m);
});

good("adds up files of several folders, in the order of their names", async () => {
  const two = `${HEAD} test("a", async () => {}); test("b", () => {}); test.run();`;
  const { code, output, lastLine } = await run({ "b.test.mjs": GOOD, "a/z.test.mjs": two });
  assert.is(lastLine, "3 passed, 0 failed", output);
  assert.is(code, 0);
  assert.ok(output.indexOf("a/z.test.mjs") < output.indexOf("b.test.mjs"));
});

good("prints skipped tests and counts them", async () => {
  const { code, output, lastLine } = await run({
    "a.test.mjs": withGood(`test.skip("later", () => {});`),
  });
  assert.is(lastLine, "1 passed, 0 failed", output);
  assert.match(output, /^1 skipped$/m);
  assert.is(code, 0);
  assert.match(output, "skipped: words > later");
});

good("runs hooks around the tests, and suites one after the other", async () => {
  const source = `${HEAD}
    const log = [];
    for (const [name, hook] of Object.entries({ before: test.before, beforeEach: test.before.each,
      after: test.after, afterEach: test.after.each })) hook(() => { log.push(name); });
    test("a", () => { log.push("a"); });
    test("b", () => { log.push("b"); });
    test.run();
    const second = suite("second", { given: 7 });
    second("sees its context and the first suite's end", ({ given }) => {
      assert.is(given, 7);
      assert.is(log.join(), "before,beforeEach,a,afterEach,beforeEach,b,afterEach,after");
    });
    second.run();`;
  const { code, output, lastLine } = await run({ "a.test.mjs": source });
  assert.is(lastLine, "3 passed, 0 failed", output);
  assert.is(code, 0);
});

good("runs only the files that a filter names", async () => {
  const files = { "a.test.mjs": GOOD, "b.test.mjs": withGood("assert.ok(false);") };
  const { code, output, lastLine } = await run(files, "a.te");
  assert.is(lastLine, "1 passed, 0 failed", output);
  assert.is(code, 0);
});

good("shows what a file prints if it fails or if asked, and none of uvu's dots", async () => {
  const prints = `test("b", () => { console.log("seed 7"); process.stdout.write("twice\\n"); });`;
  const bad = withGood(`${prints} test("c", () => assert.ok(false));`);
  const quiet = await run({ "a.test.mjs": withGood(prints) });
  assert.not.match(quiet.output, "seed 7");
  for (const result of [
    await run({ "a.test.mjs": withGood(prints) }, "--verbose"),
    await run({ "a.test.mjs": bad }),
  ]) {
    assert.match(result.output, / ms\n {5}\| seed 7\n {5}\| twice\n(\n| {5}> )/);
  }
});

good("passes at the floor, and a filter turns the floor off", async () => {
  const files = { "a.test.mjs": GOOD, "floor.json": `{ "tests": 1 }` };
  const atFloor = await run(files, "--floor-file", "floor.json");
  assert.is(atFloor.code, 0, atFloor.output);
  const below = { ...files, "floor.json": `{ "tests": 2 }` };
  const filtered = await run(below, "--floor-file", "floor.json", "a");
  assert.is(filtered.code, 0, filtered.output);
});

good.run();

const bad = suite("runner, broken files");

const results: (Promise<Result> | undefined)[] = [];
/** The result of mode `index`; a run never rejects, so it may well be started early. */
const resultOf = (index: number): Promise<Result> | undefined => {
  const mode = MODES[index];
  if (mode) results[index] ??= run(mode.files, ...(mode.args ?? []));
  return results[index];
};

MODES.forEach(({ when, says, lastLine }, index) => {
  bad(`fails when ${when}`, async () => {
    // Two at a time: most of a run is the start of two processes.
    const result = resultOf(index) as Promise<Result>;
    resultOf(index + 1);
    const { code, output, lastLine: last } = await result;
    assert.match(output, says);
    assert.is(last, lastLine, output);
    assert.is(code, 1);
  });
});

bad("ends a file with its first failure where asked, its clean-up done", async () => {
  const lines = `
    test("b", () => { try { assert.ok(false); } finally { console.log("tidied"); } });
    test.after.each(() => { console.log("after"); });
    test("c", () => { console.log("went on"); });
    test("d", () => assert.ok(false));`;
  const files = { "a.test.mjs": withGood(lines), "b.test.mjs": GOOD };
  const { code, output, lastLine } = await run(files, "--bail");
  assert.is(code, 1);
  assert.is(lastLine, "2 passed, 1 failed", output);
  assert.match(output, "words > b\n");
  assert.match(output, "| tidied\n");
  assert.not.match(output, "went on");
  const all = await run(files);
  assert.is(all.lastLine, "3 passed, 2 failed", all.output);
});

bad("refuses an option that it does not know", async () => {
  const { code, output } = await run({ "a.test.mjs": GOOD }, "--flor-file", "x");
  assert.is(code, 2);
  assert.match(output, "Unknown option");
});

bad.run();
