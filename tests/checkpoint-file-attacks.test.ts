import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FILE_REASONS } from "../src/state/checkpoint-error.ts";
import { IDEAS } from "./attacks/ideas.ts";
import { README_FILE, readmeText } from "./attacks/readme.ts";
import { VICTIM } from "./attacks/victim.ts";
import { checkPlain } from "./reference/plain-checkpoint.ts";
import { refusedFile } from "./reference/refused-file.ts";

const FOLDER = "tests/attacks";
const EXTENSION = ".safetensors";
const test = suite("checkpoint file: attacks");

/** The table of the README as it is committed. */
const rows = readFileSync(join(FOLDER, README_FILE), "utf8")
  .split("\n")
  .filter((line) => line.includes(EXTENSION))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, file, , reason]) => ({ file, reason }));
const files = readdirSync(FOLDER).filter((file) => file.endsWith(EXTENSION));

test("the README lists the files of the folder, and is that of the ideas", () => {
  assert.equal(rows.map(({ file }) => file).sort(), files.sort());
  assert.is(readFileSync(join(FOLDER, README_FILE), "utf8"), readmeText());
});

test("the files are those of the ideas, and below 1.5 KB", () => {
  assert.is(files.length, IDEAS.length);
  for (const { name, bytes } of IDEAS) {
    const file = readFileSync(join(FOLDER, name + EXTENSION));
    assert.ok(file.equals(bytes), name);
    assert.ok(file.length < 1536, `${name}: ${file.length} bytes`);
  }
});

for (const { file, reason } of rows) {
  test(`refuses ${file} as ${reason}`, async () => {
    const bytes = readFileSync(join(FOLDER, file));
    for (const known of [true, false]) {
      const error = await refusedFile(bytes, known);
      assert.is(error.reason, reason, error.message);
      assert.match(error.message, /^".+" of .+: expected .+, got .+$/s);
    }
  });
}

test("every reason that a file can have is that of an attack", () => {
  const reached = new Set(rows.map(({ reason }) => reason));
  const missed = FILE_REASONS.filter((reason) => !reached.has(reason));
  // checkpoint-file-changed.test.ts has it: no file is the cause.
  assert.equal(missed, ["CHANGED_WHILE_SAVED"]);
});

test("what the attacks start from is a good checkpoint", async () => {
  checkPlain(VICTIM);
  let loaded = "";
  try {
    await refusedFile(VICTIM, true);
  } catch (error) {
    loaded = (error as Error).message;
  }
  assert.is(loaded, "loaded");
});

test.run();
