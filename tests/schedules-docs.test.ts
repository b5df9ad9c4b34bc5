import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SCHEDULES } from "../src/schedules/from-data.ts";
import * as schedules from "../src/schedules/index.ts";

const test = suite("schedules: docs");
const text = readFileSync(resolve("docs/schedules.md"), "utf8");

/** The options that a schedule knows, as it says when it is given another one. */
function optionsOf(name: string): string[] {
  const make = SCHEDULES[name as keyof typeof SCHEDULES] as (options: unknown) => unknown;
  try {
    make({ "?": 0 });
  } catch (error) {
    const [, list = ""] =
      /expected one of (.*), got an unknown/.exec((error as Error).message) ?? [];
    return list.split(", ");
  }
  return [];
}

test("docs/schedules.md has a paragraph on every schedule, with all of its options", () => {
  const documented = new Map(
    [...text.matchAll(/^\*\*(\w+)\*\* `([^`]*)`/gm)].map(([, name = "", list = ""]) => [
      name,
      list.split(/,\s+/).sort(),
    ]),
  );
  const expected = new Map(Object.keys(SCHEDULES).map((name) => [name, optionsOf(name).sort()]));
  assert.equal([...documented.keys()].sort(), [...expected.keys()].sort());
  for (const [name, options] of expected) assert.equal(documented.get(name), options, name);
});

test("docs/schedules.md names every tool", () => {
  const tools = Object.keys(schedules).filter((name) => !(name in SCHEDULES));
  assert.is(tools.length, 4);
  for (const tool of tools) assert.ok(text.includes(`\`${tool}(`), tool);
});

function plot(...args: string[]) {
  const outDir = fileURLToPath(new URL("..", import.meta.url));
  const script = [resolve("scripts/plot-schedules.mjs"), "--out-dir", outDir, ...args];
  const { status, stderr } = spawnSync(process.execPath, script, { encoding: "utf8" });
  return { status, stderr };
}

test("docs/schedules.svg is what the code draws, and small", () => {
  assert.equal(plot("--check"), { status: 0, stderr: "" });
  const svg = readFileSync(resolve("docs/schedules.svg"), "utf8");
  assert.ok(svg.length < 150_000, `${svg.length} bytes`);
  for (const name of Object.keys(SCHEDULES)) assert.ok(svg.includes(`>${name}</text>`), name);
});

test("another drawing is found out", () => {
  const root = mkdtempSync(join(tmpdir(), "plot-schedules-"));
  try {
    mkdirSync(join(root, "docs"));
    assert.is(plot(root).status, 0);
    const path = join(root, "docs/schedules.svg");
    writeFileSync(path, readFileSync(path, "utf8").replace("M22", "M23"));
    const { status, stderr } = plot("--check", root);
    assert.is(status, 1);
    assert.match(stderr, "is not what the schedules give");
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test.run();
