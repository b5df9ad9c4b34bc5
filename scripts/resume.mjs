// Proves that going on from a checkpoint is exact:
//
//   node scripts/resume.mjs [--stops 100] [--others 20] [--require deno,bun] [--dist DIR] [--engines DIR]
//
// A run of 1,000 steps with everything that a checkpoint has to bring back
// (tests/reference/checkpoint-run.ts) is saved at random ticks, half-way through a step's
// micro-batches too. From each file a fresh process goes on to the end, some of them in other
// engines: its digest must be that of the run, which was never stopped. What is absent is counted as
// not run. Exit code 1 where a digest differs, a process fails or what is required is absent.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs, promisify } from "node:util";
import { findEngines } from "./find-engines.mjs";
import { promised } from "./promised.mjs";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));
const LIMIT_MS = 120_000;
const run = promisify(execFile);

const { values } = parseArgs({
  options: {
    stops: { type: "string", default: "100" },
    others: { type: "string", default: "20" },
    require: { type: "string", default: "" },
    dist: { type: "string", default: join(ROOT, "dist") },
    engines: { type: "string", default: join(ROOT, "build/engines") },
  },
});
const required = values.require.split(",").filter((name) => name !== "");

/** @param {string} path */
const load = (path) => import(pathToFileURL(join(resolve(values.dist), path)).href);
const { makeRun, runTicks, TICKS } = await load("tests/reference/checkpoint-run.js");
const { xorshift32 } = await load("tests/reference/random.js");

const folder = mkdtempSync(join(tmpdir(), "ashlar-resume-"));
const straight = await makeRun();
const next = xorshift32(0x3c6ef372);
const ticks = Array.from({ length: Number(values.stops) }, () => 1 + (next() % (TICKS - 1)));
let at = 0;
for (const tick of [...ticks].sort((a, b) => a - b)) {
  runTicks(straight, at, tick);
  at = tick;
  await straight.save(join(folder, `${tick}.safetensors`));
}
runTicks(straight, at, TICKS);
const expected = straight.digest();
console.log(`${straight.steps} steps applied, ${TICKS / 2 - straight.steps} skipped: ${expected}`);

const [node, ...rest] = findEngines(values.engines);
const others = rest.filter(({ name }) => !name.startsWith("node"));
const each = Math.ceil(Number(values.others) / Math.max(1, others.length));
const counts = { same: 0, failed: 0, notRun: 0 };
/** @type {string[]} */
const ran = [];

/** @param {import("./find-engines.mjs").Engine} engine @param {number[]} stops */
async function goOn({ name, binary, version, flags }, stops) {
  if (binary === undefined) {
    console.log(`${name}: not run, it is absent`);
    counts.notRun += stops.length;
    if (required.includes(name)) counts.failed += stops.length;
    return;
  }
  let same = 0;
  for (const tick of stops) {
    const script = join(resolve(values.dist), "tests/engines/resume.js");
    const file = join(folder, `${tick}.safetensors`);
    try {
      const argv = [...flags, script, file, String(tick)];
      const { stdout } = await run(binary, argv, { cwd: ROOT, timeout: LIMIT_MS });
      if (stdout.trim() === expected) same++;
      else fail(name, tick, `its digest is ${stdout.trim()}`);
    } catch (error) {
      fail(name, tick, /** @type {Error} */ (error).message);
    }
  }
  counts.same += same;
  console.log(`${name} ${version}: ${same} of ${stops.length} the same`);
  if (!ran.includes(name)) ran.push(name);
}

/** @param {string} engine @param {number} tick @param {string} why */
function fail(engine, tick, why) {
  counts.failed++;
  console.log(`${engine}, from tick ${tick}: ${why}`);
}

const half = Math.ceil(ticks.length / 2);
try {
  // Two at a time.
  await Promise.all([goOn(node, ticks.slice(0, half)), goOn(node, ticks.slice(half))]);
  for (const engine of others) await goOn(engine, ticks.slice(0, each));
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${counts.same} the same, ${counts.failed} failed, ${counts.notRun} not run`);
process.exitCode = counts.failed > 0 || counts.same === 0 ? 1 : 0;
if (process.exitCode === 0) {
  const cases = `${counts.same} random stops of 1,000 steps, gone on in fresh processes of ${ran.join(", ")}`;
  promised("P10", cases, `one digest; ${counts.notRun} not run`);
}
