// Runs compiled test programs of the package in real browsers, without a window:
//
//   node scripts/browsers.mjs [--require chromium,firefox] [--only NAME,...] [--verbose] [--dist DIR]
//
// The programs are tests/browsers/*.ts. Each runs in fresh browsers on pages that are cross-origin
// isolated, and so have shared memory, and on plain pages, which have none; on the page's own thread
// and in a worker. A strict content security policy holds for all. What a program calls a digest must
// be the one that Node has; everything else it judges by itself. What is absent, a browser or what a
// program needs of it, is shown and counted as not run. Exit code 1 where anything differs, fails or is missed.
//
// --require   browsers whose absence is an error
// --only      these programs
// --verbose   shows what passed, too
// --dist      the build (default dist)
// --limit     seconds for a page (default 120)

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { expectations } from "./browser-expectations.mjs";
import { openPages } from "./browser-run.mjs";
import { serve } from "./browser-server.mjs";
import { findBrowsers } from "./find-browsers.mjs";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));
/** Times that a browser is killed while it saves. */
const KILLS = 3;
const MOST_LINGER_MS = 2_000;

/** @typedef {"isolated page" | "isolated worker" | "plain page" | "plain worker"} Place */
const ALL = /** @type {const} */ ([
  "isolated page",
  "isolated worker",
  "plain page",
  "plain worker",
]);
/** Where each program runs. @type {Record<string, readonly Place[]>} */
const PROGRAMS = {
  // One of its lines needs two threads; "threads" has it for plain pages.
  digests: ["isolated page", "isolated worker"],
  threads: ALL,
  storage: ALL,
  replace: ["isolated worker", "plain page"],
  refusals: ["isolated page", "plain worker"],
  large: ["isolated worker", "plain page"],
  resume: ["isolated worker", "plain page"],
  crash: ["isolated page", "plain worker"],
  heap: ["isolated page", "plain worker"],
  sharded: ["isolated worker", "plain page"],
  tfjs: ALL,
  jax: ALL,
};
/** Programs with WebGL and WebGPU: in Chromium by software, where there is no GPU. */
const ON_GPU = ["tfjs", "jax"];
/** jax-js has its threads in blob: workers, and without them its wasm device does not answer. */
const WITH_BLOBS = ["jax"];

/**
 * @typedef {import("./browser-server.mjs").Site} Site
 * @typedef {import("../tests/browsers/result.ts").Result} Result
 * @typedef {typeof VERDICTS[number]} Verdict
 * @typedef {{ what: string, verdict: Verdict, detail: string }} Judged
 */
const VERDICTS = /** @type {const} */ (["passed", "same", "differs", "failed", "not run"]);

function readOptions() {
  const { values } = parseArgs({
    options: {
      require: { type: "string", default: "" },
      only: { type: "string", default: Object.keys(PROGRAMS).join(",") },
      verbose: { type: "boolean", default: false },
      dist: { type: "string", default: join(ROOT, "dist") },
      limit: { type: "string", default: "120" },
    },
  });
  /** @param {"require" | "only"} option @param {string[]} allowed */
  const listOf = (option, allowed) => {
    const given = values[option].split(",").filter((name) => name !== "");
    for (const name of given) {
      if (allowed.includes(name)) continue;
      throw new RangeError(`--${option}: expected some of ${allowed.join(", ")}, got ${name}`);
    }
    return given;
  };
  const seconds = Number(values.limit);
  if (!(seconds > 0)) {
    throw new RangeError(`--limit: expected seconds above 0, got ${values.limit}`);
  }
  const browsers = findBrowsers();
  const names = browsers.map(({ name }) => name);
  const dist = resolve(values.dist);
  if (!existsSync(join(dist, "tests/browsers/page.js"))) {
    throw new Error(`--dist: expected a build, got none in ${dist}. Run npm run build first`);
  }
  return {
    required: new Set(listOf("require", names)),
    programs: listOf("only", Object.keys(PROGRAMS)),
    limitMs: 1000 * seconds,
    verbose: values.verbose,
    browsers,
    dist,
  };
}

/**
 * What a program's results are worth.
 * @param {unknown[]} reports
 * @param {Map<string, string>} expected  the digests that it must come to
 * @returns {Judged[]}
 */
function judge(reports, expected) {
  const rows = reports.flatMap((report) => {
    const results = Array.isArray(report) ? /** @type {Result[]} */ (report) : [];
    if (results.length > 0) return results.map((result) => judgeResult(result, expected));
    return failure("reported nothing");
  });
  const names = new Set(rows.map(({ what }) => what));
  const missed = [...expected.keys()].filter((what) => !names.has(what));
  return [...rows, ...missed.flatMap((what) => failure("not reported", what))];
}

/** @returns {Judged[]} */
const failure = (/** @type {string} */ detail, what = "-") => [{ what, verdict: "failed", detail }];

/** @param {Result} result @param {Map<string, string>} expected @returns {Judged} */
function judgeResult({ name: what, ok, digest, detail, notRun }, expected) {
  if (notRun) return { what, verdict: "not run", detail };
  if (!ok) return { what, verdict: "failed", detail };
  if (digest === undefined) return { what, verdict: "passed", detail };
  const wanted = expected.get(what);
  const said = [digest.slice(0, 12), detail].filter(Boolean).join(", ");
  if (digest === wanted) return { what, verdict: "same", detail: said };
  const other = wanted?.slice(0, 12) ?? "no such digest";
  return { what, verdict: "differs", detail: `${said}; expected ${other}` };
}

/**
 * The pages of a program: for "crash" some that are killed while they save, and one after each that
 * looks at what is there.
 * @param {string} program
 * @param {Place} place
 */
function stagesOf(program, place) {
  const [site, where] = place.split(" ");
  const stage = (/** @type {string} */ name, lingerMs = 0) => {
    const isolated = String(site === "isolated");
    const blobs = site === "isolated" && WITH_BLOBS.includes(program) ? { blobs: "" } : {};
    return {
      path: `/page.html?${new URLSearchParams({ program: name, where, isolated, ...blobs })}`,
      lingerMs,
      gpu: ON_GPU.includes(program),
    };
  };
  if (program !== "crash") return [stage(program)];
  return Array.from({ length: KILLS }, () => [
    stage("crash-save", Math.random() * MOST_LINGER_MS),
    stage("crash-load"),
  ]).flat();
}

/** @param {ReturnType<typeof readOptions>} options */
async function runAll({ browsers, required, programs, verbose, dist, limitMs }) {
  const { digests, files } = await expectations(dist);
  const packages = join(ROOT, "node_modules");
  const sites = /** @type {Record<string, Site>} */ ({
    isolated: await serve({ dist, packages, isolated: true, files }),
    plain: await serve({ dist, packages, isolated: false, files }),
  });
  const runs = browsers.flatMap((browser) =>
    programs.flatMap((program) => PROGRAMS[program].map((place) => ({ browser, program, place }))),
  );
  const all = /** @type {Judged[]} */ ([]);
  print(["browser", "version", "page", "program", "result", "time"]);
  try {
    for (const { browser, program, place } of runs) {
      const start = performance.now();
      /** @type {Judged[]} */
      let rows;
      if (browser.binary === undefined) {
        const verdict = required.has(browser.name) ? "failed" : "not run";
        rows = [{ what: "-", verdict, detail: "no such browser found" }];
      } else {
        const site = sites[place.split(" ")[0]];
        rows = await openPages(browser, site, stagesOf(program, place), limitMs).then(
          (reports) => judge(reports, digests[program] ?? new Map()),
          (error) => failure(error.message),
        );
      }
      const seconds = (performance.now() - start) / 1000;
      print([
        browser.name,
        browser.version,
        place,
        program,
        tally(rows),
        `${seconds.toFixed(1)} s`,
      ]);
      for (const { what, verdict, detail } of rows) {
        const isGood = verdict === "passed" || verdict === "same";
        if (verbose || !isGood) console.log(`  ${verdict}  ${what}  ${detail}`.trimEnd());
      }
      all.push(...rows);
    }
  } finally {
    for (const site of Object.values(sites)) site.close();
  }
  return all;
}

/** A line of the table, as soon as it is known: all of them take minutes. @param {string[]} cells */
function print(cells) {
  const widths = [8, 14, 15, 8, 24];
  console.log(cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  "));
}

/** As "15 same" or "11 passed, 1 failed". @param {Judged[]} rows */
function tally(rows) {
  return VERDICTS.map((verdict) => [rows.filter((row) => row.verdict === verdict).length, verdict])
    .filter(([count]) => count !== 0)
    .map((pair) => pair.join(" "))
    .join(", ");
}

/** Exit code 0 where something passed and nothing failed. @param {Judged[]} rows */
function summarize(rows) {
  const count = (/** @type {Verdict[]} */ ...verdicts) =>
    rows.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const passed = count("passed", "same");
  const failed = count("differs", "failed");
  console.log(`\n${passed} passed, ${failed} failed, ${count("not run")} not run`);
  return passed > 0 && failed === 0 ? 0 : 1;
}

try {
  process.exitCode = summarize(await runAll(readOptions()));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
