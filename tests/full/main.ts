import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PACKAGE_VERSION } from "../../src/ledger/package-version.ts";
import { PROGRAMS, type Program, SUITE } from "./programs.ts";
import {
  type Claim,
  type FullRun,
  type ProgramOutcome,
  reportText,
  rowsOf,
  type SuiteCounts,
} from "./reliability-report.ts";
import { runProgram } from "./run-program.ts";
import { runPrograms } from "./run-programs.ts";

// Everything that takes minutes: node dist/tests/full/main.js [--only NAME,...] [--with-soak]
//
// Runs the suite with its coverage and then the programs of programs.ts, prints a table of promises and
// writes docs/reliability-report.md, unless only some programs were asked for. Exit code 1 where a
// program fails, or a promise is without a test that passed.

const REPORT = "docs/reliability-report.md";

const { values } = parseArgs({
  options: { only: { type: "string" }, "with-soak": { type: "boolean", default: false } },
});
const only = values.only?.split(",");
for (const name of only ?? []) {
  if (PROGRAMS.some((program) => program.name === name)) continue;
  console.error(
    `--only: expected some of ${PROGRAMS.map((program) => program.name).join(", ")}, got ${name}`,
  );
  process.exit(2);
}
const chosen = only
  ? PROGRAMS.filter(({ name }) => only.includes(name))
  : PROGRAMS.filter(({ soak }) => !soak || values["with-soak"]);

const start = performance.now();
const folder = mkdtempSync(join(tmpdir(), "ashlar-full-"));
let suite: SuiteCounts = {};
let programs: readonly ProgramOutcome[];
try {
  const run = (program: Program, beside: boolean) => {
    const counts = program === SUITE ? ["--counts", join(folder, "counts.json")] : [];
    const own = (line: string) => console.log(`${program.name}: ${line}`);
    return runProgram(program, counts, beside ? own : console.log);
  };
  programs = await runPrograms(chosen, run, Math.min(2, availableParallelism()));
  if (chosen.includes(SUITE)) {
    suite = JSON.parse(readFileSync(join(folder, "counts.json"), "utf8")) as SuiteCounts;
  }
} finally {
  rmSync(folder, { recursive: true });
}

const run: FullRun = {
  programs,
  suite,
  versions: [
    `ashlar ${PACKAGE_VERSION}`,
    `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    `${process.platform} ${process.arch}, ${cpus()[0]?.model.trim()}, ${availableParallelism()} processors, ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `seen on ${new Date().toISOString().slice(0, 10)}`,
  ],
  minutes: (performance.now() - start) / 60_000,
};
let failed = programs.filter(({ failure }) => failure !== null).length;
for (const { name, failure } of programs) if (failure) console.log(`${name}: ${failure}`);
if (only) {
  for (const { claims } of programs) claims.forEach(printClaim);
} else {
  for (const row of rowsOf(run)) {
    printClaim(row);
    if (!row.held) failed++;
  }
  writeFileSync(REPORT, reportText(run));
  console.log(`\n${REPORT}, ${run.minutes.toFixed(1)} minutes`);
}
console.log(failed === 0 ? "all passed" : `${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function printClaim({ promise, cases, result }: Claim): void {
  console.log(`${promise.padEnd(4)} ${cases.padEnd(60)} ${result}`);
}
