// Breaks the sources on purpose and looks whether the tests notice:
//
//   npm run build && node scripts/mutants.mjs [--only ID[,ID]] [--jobs N] [--named] [--table FILE] [--root DIR] [--check]
//
// Each mutant of scripts/mutants/ is put into a copy of the project, one at a time, what depends on it
// is built again, and the test files that it names run; where they all pass, the whole suite. A mutant
// that no test notices has survived: a test is missing. A mutant that does not compile is a fault of
// the table, as is one whose text is not found.
//
// --only   those alone     --named  not the whole suite for those that survive the tests they name
// --jobs   at a time (2)   --check  looks at the table, and runs nothing
// --table  a module of mutants in place of ours; --root  another project
//
// Exit code: 0 all killed, 1 one survived, 2 a fault of the table, or tests that fail without a mutant.

import { readdirSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { CompileError } from "./cores.mjs";
import { faultsOf, roundsOf } from "./mutants/mutant.mjs";
import { WorkCopy } from "./mutants/work-copy.mjs";
import { promised } from "./promised.mjs";

/** @typedef {import("./mutants/mutant.mjs").Mutant} Mutant */

/** These compare texts with what was generated of them, or run us: any change of a source, good or bad, would fail. */
const OF_TEXTS = new Set(["core-binary.test.js", "abi-doc.test.js", "mutants-script.test.js"]);

class TableError extends Error {}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      jobs: { type: "string", default: "2" },
      named: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      table: {
        type: "string",
        default: fileURLToPath(new URL("./mutants/table.mjs", import.meta.url)),
      },
      root: { type: "string", default: fileURLToPath(new URL("..", import.meta.url)) },
    },
  });
  const jobs = Number(values.jobs);
  if (!(Number.isInteger(jobs) && jobs >= 1 && jobs <= 64)) {
    throw new TableError(`--jobs: expected a whole number from 1 to 64, got ${values.jobs}`);
  }
  return { ...values, jobs, root: resolve(values.root) };
}

/** @param {ReturnType<typeof readOptions>} options @returns {Promise<Mutant[]>} */
async function readTable({ table, only, root }) {
  const { MUTANTS } = await import(pathToFileURL(resolve(table)).href);
  const faults = faultsOf(root, MUTANTS);
  if (faults.length > 0) throw new TableError(faults.join("\n"));
  const ids = only?.split(",");
  const chosen = MUTANTS.filter((/** @type {Mutant} */ { id }) => !ids || ids.includes(id));
  const missing = ids?.filter(
    (id) => !chosen.some((/** @type {Mutant} */ mutant) => mutant.id === id),
  );
  if (missing?.length) throw new TableError(`--only: no mutant is called ${missing.join(", ")}`);
  return chosen;
}

/**
 * Does all of a list, as many at a time as there are copies.
 * @template Item
 * @param {readonly Item[]} items
 * @param {readonly WorkCopy[]} copies
 * @param {(item: Item, copy: WorkCopy) => Promise<void>} act
 */
async function eachOf(items, copies, act) {
  let next = 0;
  await Promise.all(
    copies.map(async (copy) => {
      while (next < items.length) await act(items[next++], copy);
    }),
  );
}

/**
 * Test files that fail without a mutant, and why.
 * @param {readonly string[]} names
 * @param {readonly WorkCopy[]} copies
 * @returns {Promise<Map<string, string>>}
 */
async function failingWithout(names, copies) {
  const failing = new Map();
  await eachOf(names, copies, async (name, copy) => {
    let { failures } = await copy.run(name);
    // A limit of time may be passed once, where others are busy.
    if (failures.length > 0) ({ failures } = await copy.run(name));
    if (failures.length > 0) failing.set(name, `${failures[0].name}\n${failures[0].text}`);
  });
  return failing;
}

/** @param {string} root */
const allTests = (root) =>
  readdirSync(join(root, "dist/tests"), { recursive: true, encoding: "utf8" })
    .map((name) => name.split(sep).join("/"))
    .filter((name) => name.endsWith(".test.js") && !OF_TEXTS.has(name))
    .sort();

/**
 * The first failure of test files, run one after the other; null where all pass.
 * @param {WorkCopy} copy
 * @param {readonly string[]} names
 */
async function killerOf(copy, names) {
  for (const name of names) {
    const { failures } = await copy.run(name);
    if (failures.length > 0) return `${name} > ${failures[0].name}`;
  }
  return null;
}

/**
 * What each mutant came to, as far as the tests that it names can tell.
 * @param {readonly Mutant[]} mutants
 * @param {readonly WorkCopy[]} copies
 * @param {(mutant: Mutant, killer: string | null, seconds: number) => void} report
 */
async function judge(mutants, copies, report) {
  await eachOf(mutants, copies, async (mutant, copy) => {
    const start = performance.now();
    await withMutant(copy, mutant, false, async () => {
      const killer = await killerOf(copy, mutant.tests);
      report(mutant, killer, (performance.now() - start) / 1000);
    });
  });
}

/**
 * @param {WorkCopy} copy
 * @param {Mutant} mutant
 * @param {boolean} everywhere
 * @param {() => Promise<void>} act
 */
async function withMutant(copy, mutant, everywhere, act) {
  try {
    await copy.apply(mutant, everywhere);
    await act();
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    throw new TableError(`${mutant.id}: does not compile\n${error.message}`);
  } finally {
    copy.restore();
  }
}

/** @param {readonly Mutant[]} mutants @param {WorkCopy} copy */
function checkTypes(mutants, copy) {
  const ofTypeScript = mutants.filter(({ file }) => !file.startsWith("assembly/"));
  for (const round of roundsOf(copy.root, ofTypeScript)) {
    const errors = copy.typeErrors(round);
    if (errors !== "") throw new TableError(`mutants that are no TypeScript:\n${errors}`);
  }
}

async function main() {
  const start = performance.now();
  const options = readOptions();
  const mutants = await readTable(options);
  if (options.check) return console.log(`${mutants.length} mutants, each text found once`);
  /** @type {WorkCopy[]} */
  const copies = [];
  try {
    for (let i = 0; i < Math.min(options.jobs, mutants.length); i++) {
      copies.push(new WorkCopy(options.root));
    }
    checkTypes(mutants, copies[0]);
    const named = [...new Set(mutants.flatMap(({ tests }) => tests))].sort();
    const failing = await failingWithout(named, copies);
    for (const [name, why] of failing) {
      throw new TableError(`without a mutant, ${name} fails: ${why}`);
    }
    console.log(`without a mutant, ${named.length} test files pass`);

    /** @type {Mutant[]} */
    let survivors = [];
    let byNamed = 0;
    await judge(mutants, copies, (mutant, killer, seconds) => {
      if (killer === null) survivors.push(mutant);
      else byNamed++;
      const says = killer === null ? `passes ${mutant.tests.join(", ")}` : `killed by ${killer}`;
      console.log(`${mutant.id.padEnd(32)} ${says}  ${seconds.toFixed(1)} s`);
    });
    let byOthers = 0;
    if (survivors.length > 0 && !options.named) {
      const left = await runWholeSuite(survivors, copies, options.root);
      byOthers = survivors.length - left.length;
      survivors = left;
    }
    for (const { id, what, file } of survivors) console.log(`SURVIVED ${id}: ${what} (${file})`);
    const killed = byNamed + byOthers;
    const minutes = (performance.now() - start) / 60_000;
    console.log(
      `\n${mutants.length} mutants: ${killed} killed, ${byNamed} of them by the tests named, ` +
        `${survivors.length} survived, in ${minutes.toFixed(1)} minutes`,
    );
    if (survivors.length > 0) process.exitCode = 1;
    else if (!options.only) sayPromise(mutants);
  } finally {
    for (const copy of copies) copy.remove();
  }
}

/**
 * Those that no test of the suite kills.
 * @param {readonly Mutant[]} mutants
 * @param {readonly WorkCopy[]} copies
 * @param {string} root
 */
async function runWholeSuite(mutants, copies, root) {
  const names = allTests(root);
  const failing = await failingWithout(names, copies);
  for (const name of failing.keys()) console.log(`without a mutant, ${name} fails: left out`);
  /** @type {Mutant[]} */
  const left = [];
  await eachOf(mutants, copies, (mutant, copy) =>
    withMutant(copy, mutant, true, async () => {
      const others = names.filter((name) => !failing.has(name));
      const killer = await killerOf(copy, others);
      if (killer === null) left.push(mutant);
      else console.log(`${mutant.id.padEnd(32)} killed by ${killer}, not by those named`);
    }),
  );
  return left;
}

/** @param {readonly Mutant[]} mutants */
function sayPromise(mutants) {
  const ofCore = mutants.filter(({ file }) => file.startsWith("assembly/")).length;
  promised(
    "P23",
    `${mutants.length} mutants, ${ofCore} of them of the core, one at a time`,
    `${mutants.length} killed, 0 survived`,
  );
}

try {
  await main();
} catch (error) {
  console.error(error instanceof TableError ? error.message : error);
  process.exitCode = 2;
}
