import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { killSavers } from "./full/kills.ts";
import { inScratchFolder } from "./reference/scratch.ts";
import { errorOf } from "./reference/transfers.ts";

// A few of the kills of tests/full/kills.ts.

const test = suite("saves and SIGKILL");

test("a killed saver leaves a whole file, and the next save cleans up", async () => {
  const { kills, saves } = await killSavers(5);
  assert.is(kills, 5);
  assert.ok(saves >= 5, `${saves} saves`);
});

/** A saver that writes over the old file. */
const IN_PLACE = `
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
const LENGTH = 4000;
export async function saveVersion(path, n) {
  const file = openSync(path, "w");
  for (let i = 0; i < LENGTH; i++) writeSync(file, Uint8Array.of(n));
  closeSync(file);
}
export async function readVersion(path) {
  const bytes = readFileSync(path);
  if (bytes.length !== LENGTH) throw new Error("not whole: " + bytes.length + " bytes");
  return bytes[0];
}`;

test("a saver that writes in place is caught", () =>
  inScratchFolder(async (folder) => {
    const module = join(folder, "in-place.mjs");
    writeFileSync(module, IN_PLACE);
    const error = await errorOf(() => killSavers(20, pathToFileURL(module).href));
    assert.match(error.message, /^not whole: \d+ bytes$/);
  }));

test.run();
