// Runs the same compiled JavaScript in Node, Deno and Bun and compares what it prints:
//
//   node scripts/engines.mjs [--install] [--require deno,bun] [--dist DIR] [--engines DIR]
//
// Each engine runs tests/engines/digests.js of the build, whose lines must be those of
// tests/engines/expected.txt, and the language-detector example, whose digest must be Node's. Node
// runs three times, so that both of V8's WebAssembly compilers have their say. What is absent is
// shown and counted as not run. Exit code 1 where anything differs, fails or is missed.
//
// --install   first installs Deno and Bun, in pinned versions, into the engines' folder
// --require   engines (or "example") whose absence is an error
// --dist      the build (default dist)
// --engines   where Deno and Bun are installed (default build/engines); the PATH comes second

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findEngines, install } from "./find-engines.mjs";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));
const EXPECTED = join(ROOT, "tests/engines/expected.txt");
const LIMIT_MS = 600_000;
const OPTIONAL = ["deno", "bun", "example"];

/**
 * @typedef {import("./find-engines.mjs").Engine} Engine
 * @typedef {"same" | "differs" | "failed" | "not run" | "reference"} Verdict
 *
 * @typedef {object} Row
 * @property {string} engine
 * @property {string} version
 * @property {string} what
 * @property {string} digest
 * @property {Verdict} verdict
 * @property {string} [why]
 *
 * @typedef {{ status: number | null, stdout: string, stderr: string }} Outcome
 */

function readOptions() {
  const { values } = parseArgs({
    options: {
      install: { type: "boolean", default: false },
      require: { type: "string", default: "" },
      dist: { type: "string", default: join(ROOT, "dist") },
      engines: { type: "string", default: join(ROOT, "build/engines") },
    },
  });
  const required = values.require.split(",").filter((name) => name !== "");
  for (const name of required) {
    if (OPTIONAL.includes(name)) continue;
    throw new RangeError(`--require: expected some of ${OPTIONAL.join(", ")}, got ${name}`);
  }
  return {
    install: values.install,
    required: new Set(required),
    dist: resolve(values.dist),
    engines: resolve(values.engines),
  };
}

/**
 * @param {Engine} engine
 * @param {string[]} argv
 * @param {string} scratch
 * @returns {Outcome}
 */
function run(engine, argv, scratch) {
  const { FORCE_COLOR: _, ...env } = process.env;
  const { status, stdout, stderr, error } = spawnSync(
    /** @type {string} */ (engine.binary),
    [...engine.flags, ...argv],
    {
      cwd: ROOT,
      encoding: "utf8",
      env: { ...env, NO_COLOR: "1", DENO_DIR: join(scratch, "deno"), DENO_NO_UPDATE_CHECK: "1" },
      maxBuffer: 2 ** 26,
      timeout: LIMIT_MS,
    },
  );
  return { status, stdout: stdout ?? "", stderr: error ? String(error) : stderr };
}

/**
 * Lines `name digest`, the digest being the last word.
 * @param {string} text
 * @returns {Map<string, string>}
 */
function readLines(text) {
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  return new Map(lines.map((line) => [line.replace(/ \S*$/, ""), line.replace(/^.* /, "")]));
}

/** @param {Outcome} outcome */
const reasonOf = ({ status, stderr }) =>
  `exit code ${status}: ${/[^\n]*error\b[^\n]*/i.exec(stderr)?.[0] ?? stderr.trim().slice(-200)}`;

/** The engine's digests against the committed ones. @returns {Omit<Row, "engine" | "version">[]} */
function judgeDigests(/** @type {Outcome} */ outcome, /** @type {Map<string, string>} */ expected) {
  if (outcome.status !== 0) {
    return [{ what: "digests", digest: "-", verdict: "failed", why: reasonOf(outcome) }];
  }
  const printed = readLines(outcome.stdout);
  const names = new Set([...expected.keys(), ...printed.keys()]);
  return [...names].map((what) => {
    const digest = printed.get(what) ?? "-";
    const wanted = expected.get(what);
    if (digest === wanted) return { what, digest, verdict: "same" };
    return { what, digest, verdict: "differs", why: `expected ${wanted ?? "no such line"}` };
  });
}

/** @param {string} path @returns {string | undefined} */
function digestIn(path) {
  try {
    const { digest } = JSON.parse(readFileSync(path, "utf8"));
    return typeof digest === "string" && digest !== "" ? digest : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The example's digest against that of the first engine.
 * @param {Outcome} outcome
 * @param {string} json
 * @param {string | undefined} reference
 * @returns {Omit<Row, "engine" | "version">}
 */
function judgeExample(outcome, json, reference) {
  const what = "example";
  if (outcome.status !== 0) {
    return { what, digest: "-", verdict: "failed", why: reasonOf(outcome) };
  }
  const digest = digestIn(json);
  if (digest === undefined) {
    return { what, digest: "-", verdict: "failed", why: `wrote no JSON with a "digest"` };
  }
  if (reference === undefined) return { what, digest, verdict: "reference" };
  if (digest === reference) return { what, digest, verdict: "same" };
  return { what, digest, verdict: "differs", why: `expected ${reference}` };
}

/** @param {ReturnType<typeof readOptions>} options @param {string} scratch @returns {Row[]} */
function compare({ required, dist, engines }, scratch) {
  const expected = readLines(readFileSync(EXPECTED, "utf8"));
  const digests = join(dist, "tests/engines/digests.js");
  const example = join(dist, "examples/language-detector/main.js");
  const rows = /** @type {Row[]} */ ([]);
  /** @type {string | undefined} */
  let reference;
  for (const [index, engine] of findEngines(engines).entries()) {
    const { name, version } = engine;
    const add = (/** @type {Omit<Row, "engine" | "version">} */ row) =>
      rows.push({ engine: name, version, ...row });
    /** @param {string} what @param {string} why @param {boolean} isError */
    const absent = (what, why, isError) =>
      add({ what, digest: "-", verdict: isError ? "failed" : "not run", why });

    if (engine.binary === undefined) {
      const why = "not found; --install installs it";
      absent("digests", why, required.has(name));
      absent("example", why, required.has(name));
      continue;
    }
    for (const row of judgeDigests(run(engine, [digests], scratch), expected)) add(row);
    if (!existsSync(example)) {
      absent("example", "not in the build", required.has("example"));
      continue;
    }
    const json = join(scratch, `${index}.json`);
    const argv = [example, "--json", json, "--out", join(scratch, `${index}.weights`)];
    const row = judgeExample(run(engine, argv, scratch), json, reference);
    if (row.verdict === "reference") reference = row.digest;
    add(row);
  }
  return rows;
}

/** @param {Row[]} rows */
function printTable(rows) {
  const cells = [["engine", "version", "what", "digest", ""]];
  for (const { engine, version, what, digest, verdict, why } of rows) {
    const note = why === undefined ? verdict : `${verdict}: ${why}`;
    cells.push([engine, version, what, digest.slice(0, 12), note]);
  }
  const widths = cells[0].map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  for (const row of cells) {
    const last = row.length - 1;
    console.log(row.map((cell, i) => (i === last ? cell : cell.padEnd(widths[i]))).join("  "));
  }
}

/** Exit code 0 where something passed and nothing failed. @param {Row[]} rows */
function summarize(rows) {
  const count = (/** @type {Verdict[]} */ ...verdicts) =>
    rows.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const passed = count("same");
  const failed = count("differs", "failed");
  console.log(`\n${passed} passed, ${failed} failed, ${count("not run")} not run`);
  return passed > 0 && failed === 0 ? 0 : 1;
}

const scratch = mkdtempSync(join(tmpdir(), "engines-"));
try {
  const options = readOptions();
  if (options.install) install(options.engines);
  const rows = compare(options, scratch);
  printTable(rows);
  process.exitCode = summarize(rows);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
