import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inScratchFolder } from "./reference/scratch.ts";

// docs/scale.md and docs/scale.svg are what scripts/scale.mjs makes.

const test = suite("scale: docs");

function scale(...args: string[]) {
  const script = [resolve("scripts/scale.mjs"), ...args];
  const { status, stderr } = spawnSync(process.execPath, script, {
    encoding: "utf8",
    timeout: 60_000,
  });
  return { status, stderr };
}

test("docs/scale.md has the figures of the model, and the drawing is small", () => {
  assert.equal(scale("--check"), { status: 0, stderr: "" });
  const svg = readFileSync(resolve("docs/scale.svg"), "utf8");
  assert.ok(svg.length < 20_000, `${svg.length} bytes`);
});

const { duration, bytes, whole } = (await import(
  pathToFileURL(resolve("scripts/scale/format.mjs")).href
)) as Record<"duration" | "bytes" | "whole", (value: number) => string>;

test("figures have three digits and a unit that fits", () => {
  const times = [0, 4e-6, 0.0123, 1, 119, 120, 3599, 5400, 86_400];
  assert.equal(
    times.map(duration),
    ["0 us", "4.00 us", "12.3 ms", "1.00 s", "119 s"].concat(
      "2.00 min",
      "60.0 min",
      "1.50 h",
      "1.00 d",
    ),
  );
  assert.equal([0, 12, 1234, 5e12].map(bytes), ["0", "12.0 B", "1.23 kB", "5.00 TB"]);
  assert.equal([7, 1000, 1_234_567].map(whole), ["7", "1,000", "1,234,567"]);
});

/** A folder with the documents, changed. */
const changed = (change: (text: string) => string, act: (root: string) => void) =>
  inScratchFolder(async (root) => {
    mkdirSync(join(root, "docs"));
    copyFileSync(resolve("docs/scale.svg"), join(root, "docs/scale.svg"));
    const text = change(readFileSync(resolve("docs/scale.md"), "utf8"));
    writeFileSync(join(root, "docs/scale.md"), text);
    act(root);
  });

test("another figure is found out, and mended", async () => {
  await changed(
    (text) => text.replace("| 10,000 | 684 ms |", "| 10,000 | 683 ms |"),
    (root) => {
      const { status, stderr } = scale("--check", root);
      assert.is(status, 1);
      assert.is(stderr, "docs/scale.md is not what the model gives; run node scripts/scale.mjs\n");
      assert.is(scale(root).status, 0);
      const mended = readFileSync(join(root, "docs/scale.md"), "utf8");
      assert.is(mended, readFileSync(resolve("docs/scale.md"), "utf8"));
    },
  );
});

test("a table without a place, and a place without a table, are errors", async () => {
  await changed(
    (text) => text.replaceAll("scale:memory", "scale:memories"),
    (root) => assert.match(scale("--check", root).stderr, 'no table "memories", or twice'),
  );
  await changed(
    (text) => text.replace(/<!-- scale:memory -->[\s\S]*<!-- \/scale:memory -->/, ""),
    (root) => assert.match(scale("--check", root).stderr, "no section for memory"),
  );
});

test.run();
