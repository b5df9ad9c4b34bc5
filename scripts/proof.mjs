// The proof that the same inputs give the same bits everywhere: one training run, whose digests are in
// tests/engines/proof.txt, in every engine that is here, on several threads, with both kernels, and in
// Node in many layouts:
//
//   node scripts/proof.mjs [--steps 50] [--full] [--engines NAME,...] [--install] [--require NAME,...]
//     [--threads 1,2,4] [--kernels simd,scalar] [--partitions 100] [--orders 20]
//     [--dist DIR] [--installed DIR] [--limit SECONDS]
//
// What is absent is shown and counted as not run. Exit code 1 where anything differs, fails or is
// missed.
//
// --steps      5, 50 (default) or 1000; layouts take at most 50
// --full       1000
// --engines    these only: node, node-liftoff and node-turbofan (V8's two WebAssembly compilers),
//              newer-node, deno, bun, jsc (JavaScriptCore's shell, one thread), chromium, firefox,
//              webkitgtk
// --install    first installs newer-node, deno and bun, in pinned versions
// --require    engines that must run, with all threads that they can have and with both kernels
// --dist       the build (default dist)
// --installed  where engines are installed (default build/engines); Deno and Bun may be on the PATH
// --limit      seconds for a run (default 900)

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { linesOf } from "./program-lines.mjs";
import { promised } from "./promised.mjs";
import { ENGINES, installEngines, openEngines } from "./proof-engines.mjs";
import { judgeLayouts, judgeLines, readDigests, VERDICTS } from "./proof-verdicts.mjs";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));
const EXPECTED = join(ROOT, "tests/engines/proof.txt");
const KERNELS = ["simd", "scalar"];
const MOST_THREADS = 64;
const MOST_LAYOUT_STEPS = 50;

/**
 * @typedef {import("./proof-engines.mjs").EngineName} EngineName
 * @typedef {import("./proof-engines.mjs").ProofEngine} ProofEngine
 * @typedef {import("./proof-verdicts.mjs").Judged} Judged
 */

/** @param {Map<number, string>} expected */
function readOptions(expected) {
  const { values } = parseArgs({
    options: {
      steps: { type: "string", default: "50" },
      full: { type: "boolean", default: false },
      engines: { type: "string", default: ENGINES.join(",") },
      install: { type: "boolean", default: false },
      require: { type: "string", default: "" },
      threads: { type: "string", default: "1,2,4" },
      kernels: { type: "string", default: KERNELS.join(",") },
      partitions: { type: "string", default: "100" },
      orders: { type: "string", default: "20" },
      dist: { type: "string", default: join(ROOT, "dist") },
      installed: { type: "string", default: join(ROOT, "build/engines") },
      limit: { type: "string", default: "900" },
    },
  });
  /** @param {"engines" | "require" | "kernels"} option @param {readonly string[]} allowed */
  const namesIn = (option, allowed) => {
    const given = values[option].split(",").filter((name) => name !== "");
    for (const name of given) {
      if (allowed.includes(name)) continue;
      throw new RangeError(`--${option}: expected some of ${allowed.join(", ")}, got ${name}`);
    }
    return given;
  };
  /** @param {string} option @param {string} text @param {number} least @param {number} most */
  const count = (option, text, least, most) => {
    const number = text === "" ? Number.NaN : Number(text);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    throw new RangeError(`--${option}: expected whole numbers, ${least} to ${most}, got ${text}`);
  };
  const steps = values.full ? Math.max(...expected.keys()) : Number(values.steps);
  if (!expected.has(steps)) {
    const marks = [...expected.keys()].join(", ");
    throw new RangeError(`--steps: expected one of ${marks}, got ${values.steps}`);
  }
  const names = /** @type {EngineName[]} */ (namesIn("engines", ENGINES));
  const dist = resolve(values.dist);
  if (!existsSync(join(dist, "tests/engines/proof-run.js"))) {
    throw new Error(`--dist: expected a build, got none in ${dist}. Run npm run build first`);
  }
  return {
    ...{ steps, names, dist, install: values.install },
    required: new Set(namesIn("require", names)),
    threads: values.threads.split(",").map((text) => count("threads", text, 1, MOST_THREADS)),
    kernels: namesIn("kernels", KERNELS),
    partitions: count("partitions", values.partitions, 0, 1e6),
    orders: count("orders", values.orders, 0, 1e6),
    folder: resolve(values.installed),
    limitMs: 1000 * count("limit", values.limit, 1, 1e6),
  };
}

/** A line of the table, as soon as it is known. @param {string[]} cells */
function print(cells) {
  const widths = [13, 15, 7, 6, 7, 12];
  console.log(cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  "));
}

/** As "100 same". @param {Judged[]} rows */
function tally(rows) {
  return VERDICTS.map((verdict) => [rows.filter((row) => row.verdict === verdict).length, verdict])
    .filter(([number]) => number !== 0)
    .map((pair) => pair.join(" "))
    .join(", ");
}

/**
 * @param {ReturnType<typeof readOptions>} options
 * @param {Map<number, string>} expected
 * @returns {Promise<{ rows: Judged[], ran: Set<string> }>} and the engines that gave a digest
 */
async function runAll(options, expected) {
  const { steps, names, required } = options;
  const all = /** @type {Judged[]} */ ([]);
  const ran = /** @type {Set<string>} */ (new Set());
  print(["engine", "version", "threads", "kernel", "time", "digest", `after ${steps} steps`]);
  const engines = await openEngines(names, options);
  try {
    for (const engine of engines) {
      const { name, version, isAlone = false } = engine;
      for (const { threads, kernel } of requestsOf(options)) {
        const start = performance.now();
        const isRequired = required.has(name) && !(isAlone && threads > 1);
        const row = await runOne(engine, { steps, threads, kernel }, { expected, isRequired });
        const said = row.why === undefined ? row.verdict : `${row.verdict}: ${row.why}`;
        const cells = [name, version, String(threads), kernel, secondsSince(start)];
        print([...cells, row.digest.slice(0, 12), said]);
        all.push(row);
        if (row.verdict === "same") ran.add(version === "?" ? name : `${name} ${version}`);
      }
    }
  } finally {
    for (const { close } of engines) close();
  }
  const layouts = names.includes("node") ? await runLayouts(options, expected) : [];
  return { rows: [...all, ...layouts], ran };
}

/** @param {ReturnType<typeof readOptions>} options */
const requestsOf = ({ threads, kernels }) =>
  threads.flatMap((count) => kernels.map((kernel) => ({ threads: count, kernel })));

/**
 * @param {ProofEngine} engine
 * @param {import("./proof-engines.mjs").Request} request
 * @param {{ expected: Map<number, string>, isRequired: boolean }} options
 * @returns {Promise<Judged>}
 */
async function runOne({ run }, request, { expected, isRequired }) {
  try {
    const lines = (await run?.(request)) ?? ["unavailable no such engine found"];
    return judgeLines(lines, { steps: request.steps, expected, isRequired });
  } catch (error) {
    return { verdict: "failed", digest: "-", why: reasonOf(error) };
  }
}

const reasonOf = (/** @type {unknown} */ error) =>
  error instanceof Error ? error.message : String(error);

/**
 * @param {ReturnType<typeof readOptions>} options
 * @param {Map<number, string>} expected
 * @returns {Promise<Judged[]>}
 */
async function runLayouts({ dist, partitions, orders, limitMs, ...options }, expected) {
  const steps = Math.min(options.steps, MOST_LAYOUT_STEPS);
  const program = join(dist, "tests/engines/proof-layouts-run.js");
  const all = /** @type {Judged[]} */ ([]);
  const kinds = /** @type {const} */ ([
    ["partition", partitions, [partitions, 0]],
    ["order", orders, [0, orders]],
  ]);
  for (const [kind, count, counts] of kinds) {
    if (count === 0) continue;
    const start = performance.now();
    /** @type {Judged[]} */
    let rows;
    try {
      const argv = [program, steps, ...counts].map(String);
      const lines = await linesOf(process.execPath, argv, limitMs);
      rows = judgeLayouts(lines, count, /** @type {string} */ (expected.get(steps)));
    } catch (error) {
      rows = [{ verdict: "failed", digest: "-", why: reasonOf(error) }];
    }
    console.log(
      `node, ${count} random ${kind}s, ${steps} steps: ${tally(rows)} in ${secondsSince(start)}`,
    );
    for (const { verdict, why } of rows)
      if (verdict !== "same") console.log(`  ${verdict}: ${why}`);
    all.push(...rows);
  }
  return all;
}

const secondsSince = (/** @type {number} */ start) =>
  `${((performance.now() - start) / 1000).toFixed(1)} s`;

/**
 * Exit code 0 where something passed and nothing failed.
 *
 * @param {Awaited<ReturnType<typeof runAll>>} seen
 * @param {ReturnType<typeof readOptions>} options
 */
function summarize({ rows, ran }, options) {
  const count = (/** @type {Judged["verdict"][]} */ ...verdicts) =>
    rows.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const passed = count("same");
  const failed = count("differs", "failed");
  const fine = passed > 0 && failed === 0;
  if (fine) claim(options, ran);
  console.log(`\n${passed} passed, ${failed} failed, ${count("not run")} not run`);
  return fine ? 0 : 1;
}

/** What the full run reads. @param {ReturnType<typeof readOptions>} options @param {Set<string>} ran */
function claim({ steps, threads, kernels, partitions, orders }, ran) {
  const cases = `${steps} steps of 1,000,003 elements, clipped by global norm, on ${threads.join(", ")} threads, cores: ${kernels.join(", ")}`;
  promised("P1", cases, `one digest in ${[...ran].join("; ")}`);
  const layouts = `${partitions} random partitions, ${orders} orders of the parameters`;
  promised("P5", layouts, "the same digest");
}

try {
  const expected = readDigests(readFileSync(EXPECTED, "utf8"));
  const options = readOptions(expected);
  if (options.install) installEngines(options.folder);
  process.exitCode = summarize(await runAll(options, expected), options);
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
