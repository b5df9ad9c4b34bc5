// Makes tests/vectors/checkpoint-torch: checkpoints that go from ashlar to PyTorch and back, by the
// Python of docs/checkpoint.md.
//
//   node scripts/checkpoint-vectors.mjs [--dist DIR] [--python PYTHON]
//
// Needs Python with torch, safetensors and numpy. --dist is the build (default dist). safetensors writes
// metadata in any order: the bytes of torch.safetensors are others each time, what they say is not.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));
const FOLDER = join(ROOT, "tests/vectors/checkpoint-torch");

const { values: options } = parseArgs({
  options: {
    dist: { type: "string", default: join(ROOT, "dist") },
    python: { type: "string", default: "python3" },
  },
});

const run = join(resolve(options.dist), "tests/reference/checkpoint-torch.js");
/** @type {import("../tests/reference/checkpoint-torch.ts")} */
const { gradientsAt, INITIAL, makeOptimizer, runSteps, SAVED_AT, STEPS } = await import(
  pathToFileURL(run).href
);

const optimizer = await makeOptimizer();
runSteps(optimizer, 0, SAVED_AT);
mkdirSync(FOLDER, { recursive: true });
writeFileSync(join(FOLDER, "ashlar.safetensors"), await optimizer.toBytes());

// What both sides work on; each number is exact in float32.
const problem = {
  savedAt: SAVED_AT,
  weights: Object.fromEntries(INITIAL.map(({ name, data }) => [name, [...data]])),
  gradients: Array.from({ length: STEPS }, (_, k) =>
    Object.fromEntries(Object.entries(gradientsAt(k)).map(([name, data]) => [name, [...data]])),
  ),
};
const script = join(ROOT, "scripts/checkpoint-vectors.py");
const { status, error } = spawnSync(options.python, [script, FOLDER], {
  input: JSON.stringify(problem),
  stdio: ["pipe", "inherit", "inherit"],
});
if (error) throw error;
process.exitCode = status ?? 1;
