// Proves the packed package as its users get it:
//
//   node scripts/pack-check.mjs [--only NAME,...] [--require NAME,...] [--tarball FILE] [--keep]
//
// Builds and packs a copy of the project, and for each row of the table makes a fresh project in the
// system's folder for temporary files, installs the tarball and one tool of an exact version, and runs
// it. All consumers make the same three steps and must come to the same digest. Needs the npm registry;
// without it rows are shown and counted as not run. Exit code 1 where a row fails, a required one is
// not run, or none passes.
//
// --only     these rows
// --require  rows that must run, or "all"
// --tarball  a package that is packed already
// --keep     leaves the projects, and says where
// --update   writes scripts/pack/exports.json and files.json anew; npm run format lays them out

import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { exportsOf } from "./pack/exports.mjs";
import { filesIn } from "./pack/files.mjs";
import { makeTarball } from "./pack/make-tarball.mjs";
import { NotRun, run } from "./pack/project.mjs";
import { ROWS } from "./pack/rows.mjs";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));
const EXPORTS = join(ROOT, "scripts/pack/exports.json");
const FILES = join(ROOT, "scripts/pack/files.json");
const BUDGET = join(ROOT, "scripts/pack/sizes.json");
const WIDTHS = [22, 8, 7];

/** @typedef {"pass" | "fail" | "not run"} Verdict */

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: "" },
      require: { type: "string", default: "" },
      tarball: { type: "string" },
      keep: { type: "boolean", default: false },
      update: { type: "boolean", default: false },
    },
  });
  const names = ROWS.map(({ name }) => name);
  /** @param {"only" | "require"} option */
  const listOf = (option) => {
    const given = values[option].split(",").filter((name) => name !== "");
    for (const name of given) {
      if (names.includes(name)) continue;
      throw new RangeError(`--${option}: expected some of ${names.join(", ")}, got ${name}`);
    }
    return given.length > 0 ? given : undefined;
  };
  const only = listOf("only");
  const required = values.require === "all" ? names : (listOf("require") ?? []);
  return {
    // What is required is run, whether it is among --only or not.
    rows: ROWS.filter(({ name }) => !only || only.includes(name) || required.includes(name)),
    required: new Set(required),
    tarball: values.tarball === undefined ? undefined : resolve(values.tarball),
    keep: values.keep,
    update: values.update,
  };
}

/** @param {string} path */
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

/** @param {string} tarball @param {string} work */
async function manifestOf(tarball, work) {
  // By its name in the folder: some tars take "C:" for another machine.
  await run("tar", ["-xzf", tarball, "-C", work, "package/package.json"], work);
  return readJson(join(work, "package/package.json"));
}

/** @param {ReturnType<typeof readOptions>} options */
async function check({ rows, required, keep, update, ...given }) {
  const work = realpathSync(mkdtempSync(join(tmpdir(), "ashlar-pack-")));
  try {
    const tarball = given.tarball ?? (await makeTarball(ROOT, work));
    const context = {
      root: ROOT,
      tarball,
      work,
      manifest: await manifestOf(tarball, work),
      exports: readJson(EXPORTS),
      files: readJson(FILES),
      budget: readJson(BUDGET),
    };
    if (update) {
      const lists = await exportsOf({ ...context, work: join(work, "update") });
      writeFileSync(EXPORTS, `${JSON.stringify(lists, null, 2)}\n`);
      context.exports = lists;
      context.files = await filesIn(context);
      writeFileSync(FILES, `${JSON.stringify(context.files, null, 2)}\n`);
    }
    print(["row", "result", "time", "what was seen"]);
    const verdicts = /** @type {Verdict[]} */ ([]);
    for (const row of rows) verdicts.push(await checkRow(row, context, required.has(row.name)));
    return summarize(verdicts);
  } finally {
    if (keep) console.log(work);
    else rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/**
 * @param {import("./pack/rows.mjs").Row} row
 * @param {import("./pack/project.mjs").Context} context
 * @param {boolean} isRequired
 * @returns {Promise<Verdict>}
 */
async function checkRow({ name, what, run }, context, isRequired) {
  const start = performance.now();
  const [verdict, detail] = await run(context).then(
    (seen) => /** @type {const} */ (["pass", `${what}: ${seen}`]),
    (error) => {
      const isAbsent = error instanceof NotRun && !isRequired;
      return /** @type {const} */ ([isAbsent ? "not run" : "fail", error.message]);
    },
  );
  const seconds = (performance.now() - start) / 1000;
  print([name, verdict, `${seconds.toFixed(1)} s`, detail]);
  return verdict;
}

/** A line of the table, as soon as it is known: all of them take minutes. @param {string[]} cells */
function print(cells) {
  console.log(cells.map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0)).join("  "));
}

/** @param {Verdict[]} verdicts */
function summarize(verdicts) {
  const count = (/** @type {Verdict} */ wanted) =>
    verdicts.filter((verdict) => verdict === wanted).length;
  const passed = count("pass");
  const failed = count("fail");
  console.log(`\n${passed} passed, ${failed} failed, ${count("not run")} not run`);
  return passed > 0 && failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await check(readOptions());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
