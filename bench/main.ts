import { FlagError, type Flags, readFlags, USAGE } from "./cli.ts";
import type { Context } from "./harness/context.ts";
import { useCores } from "./harness/cores.ts";
import { describeMachine, describeVersions } from "./harness/machine.ts";
import { buildNative } from "./harness/native-build.ts";
import { findTorch } from "./harness/python.ts";
import { saveResults } from "./harness/save.ts";
import { writeDocs } from "./harness/write-docs.ts";
import type { SuiteResult } from "./report/result.ts";
import { textTable } from "./report/table.ts";
import { caseTable, notRunLines, targetSummary, targetTable } from "./report/tables.ts";
import { judgeTargets } from "./report/targets.ts";
import { SUITES } from "./suites/all.ts";

// npm run bench

/** A load above this share of the processors says that others work on the machine. */
const BUSY = 0.3;

function prepare({ quick, rivals, json }: Flags): Context {
  const left = { why: "left out" };
  return {
    quick,
    rivals,
    native: rivals ? buildNative() : left,
    python: rivals ? findTorch() : left,
    // With --json, stdout is for the results alone.
    log: (line) => (json ? console.error(line) : console.log(line)),
  };
}

async function runSuites(flags: Flags): Promise<SuiteResult[]> {
  const machine = describeMachine();
  const context = prepare(flags);
  const versions = describeVersions(context);
  const { log } = context;
  log(`${machine.cpu}, ${machine.cores} cores, ${machine.caches.join(", ")}`);
  log(
    Object.entries(versions)
      .map((one) => one.join(" "))
      .join(", "),
  );
  if (machine.load > BUSY * machine.cores) {
    log(`the load is ${machine.load}: others work on this machine, and the figures will show it`);
  }
  if (!useCores("one")) log("no taskset: contenders may run on different cores");
  const results: SuiteResult[] = [];
  for (const { name, title, cores, run } of SUITES) {
    if (!flags.suites.includes(name)) continue;
    useCores(cores);
    log(`\n${name}: ${title}`);
    const date = new Date().toISOString();
    const cases = await run(context);
    const result = { suite: name, title, date, machine, versions, cases };
    results.push(result);
    if (!flags.json) printCases(result);
  }
  return results;
}

function printCases({ cases }: SuiteResult): void {
  for (const one of cases) {
    const { columns, rows } = caseTable(one);
    const rounds = one.measured[0]?.rounds.length ?? 0;
    console.log(`\n  ${one.title}: median of ${rounds} rounds`);
    for (const line of textTable(columns, rows)) console.log(line);
    for (const line of notRunLines(one)) console.log(`  ${line}`);
  }
}

function printTargets(results: readonly SuiteResult[]): void {
  const judged = judgeTargets(results);
  const { columns, rows } = targetTable(judged);
  console.log("\nTargets: ratios of times within this run, each by its worst case");
  for (const line of textTable(columns, rows)) console.log(line);
  console.log(`\n${targetSummary(judged)}`);
}

/** Exit codes: 0 done, whatever the figures; 1 failed; 2 wrong command line. */
async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2));
  if (flags.help) return console.log(USAGE);
  if (flags.writeDocs) return writeDocs();
  const start = performance.now();
  const results = await runSuites(flags);
  if (flags.json) console.log(JSON.stringify(results));
  else printTargets(results);
  if (flags.out) saveResults(flags.out, results);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.error(`\n${seconds} s${flags.out ? `; results in ${flags.out}` : ""}`);
}

try {
  await main();
} catch (error) {
  process.exitCode = error instanceof FlagError ? 2 : 1;
  console.error(error instanceof FlagError ? `bench: ${error.message}` : error);
}
