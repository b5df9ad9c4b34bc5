// What of src/ the tests reach: node scripts/coverage.mjs [--data DIR] [--report-only] [--counts FILE]
//   [test filters]
//
// Runs the tests with V8's own coverage, their child processes and workers included, and lets c8 judge:
// every branch, function and line of src/, or exit code 1. Nothing is marked to be ignored but with the
// reason beside it.
//
// --data         where the engine's records go (default build/coverage, which is emptied first)
// --report-only  judges the records that are there
// --counts       as tests/run.ts has it

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { promised } from "./promised.mjs";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));
const SRC = "dist/src";
/** What no Node can load; the programs in brackets run it. */
const ELSEWHERE = [
  // Imports a WebAssembly file as workerd does (npm run pack-check).
  "dist/src/index.workerd.js",
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string", default: join(ROOT, "build/coverage") },
    "report-only": { type: "boolean", default: false },
    counts: { type: "string" },
  },
});
const data = resolve(values.data);

/** @param {string[]} args @param {Record<string, string>} env @returns {number} the exit code */
function run(args, env = {}) {
  const { status, error } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: "inherit",
  });
  if (error) throw error;
  return status ?? 1;
}

/** Compiled files that hold types alone: there is nothing in them to run. */
function withoutCode() {
  return readdirSync(join(ROOT, SRC), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".js"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) =>
      /^(\s*\/\/.*\n|\s*\n)*export \{\};\s*(\/\/.*\s*)?$/.test(readFileSync(path, "utf8")),
    )
    .map((path) => relative(ROOT, path).split(sep).join("/"));
}

if (!values["report-only"]) {
  rmSync(data, { recursive: true, force: true });
  const counts = values.counts ? ["--counts", values.counts] : [];
  const tests = run(["dist/tests/run.js", ...positionals, ...counts], { NODE_V8_COVERAGE: data });
  if (tests !== 0) process.exit(tests);
}
const c8 = createRequire(import.meta.url).resolve("c8/package.json");
// Excluding anything takes the place of what c8 excludes by itself.
const excluded = ["**/*.d.ts", ...ELSEWHERE, ...withoutCode()].flatMap((path) => [
  "--exclude",
  path,
]);
process.exitCode = run([
  join(dirname(c8), "bin/c8.js"),
  ...["report", "--temp-directory", data, "--reports-dir", join(data, "report")],
  ...["--reporter", "text", "--reporter", "json-summary", "--skip-full", "--100"],
  ...["--all", "--src", SRC, "--include", `${SRC}/**`, ...excluded],
]);
if (process.exitCode === 0) {
  const summary = JSON.parse(readFileSync(join(data, "report/coverage-summary.json"), "utf8"));
  const { branches, functions } = summary.total;
  promised(
    "P9",
    `${branches.total} branches and ${functions.total} functions in ${Object.keys(summary).length - 1} files`,
    "every one is reached by the suite",
  );
}
