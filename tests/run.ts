import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type FileLimits, type FileOutcome, runFile } from "./harness/files.ts";
import type { Failure } from "./harness/recorder.ts";

// The test runner: node dist/tests/run.js [filter...], from the project's root.
//
// uvu 0.5.6 ends with exit code 0 when a hook throws, a test throws a string, run() is forgotten or
// no file matches. This runner executes each file with uvu in a process of its own and believes
// only that process's final report; tests/runner.test.ts shows each way in which it can fail.

const USAGE = `node dist/tests/run.js [filter...] [options]
  filter             run only the test files whose path contains one of these
  --dir DIR          where the test files are (default: this file's folder)
  --floor-file FILE  {"tests": N}: fail if fewer tests pass (default: tests/floor.json for a
                     full run without --dir; a filter turns it off)
  --limit SECONDS    for one file (default 100)
  --linger SECONDS   that a file may stay alive after its last test (default 5)
  --jobs N           files at a time (default 2)
  --bail             a file ends with its first test that fails
  --counts FILE      also writes {"file": {"passed", "failed", "skipped"}} there
  --verbose          show what passing files print`;

interface Options extends FileLimits {
  readonly filters: readonly string[];
  readonly dir: string;
  readonly floorFile: string | undefined;
  readonly countsFile: string | undefined;
  readonly jobs: number;
  readonly verbose: boolean;
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      dir: { type: "string" },
      "floor-file": { type: "string" },
      counts: { type: "string" },
      limit: { type: "string", default: "100" },
      linger: { type: "string", default: "5" },
      jobs: { type: "string", default: "2" },
      bail: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
    },
  });
  const positive = (name: "limit" | "linger" | "jobs"): number => {
    const value = Number(values[name]);
    if (value > 0 && value < 1e6) return value;
    throw new RangeError(`--${name}: expected a number above 0, got ${values[name]}`);
  };
  const floorFile = values["floor-file"] ?? (values.dir ? undefined : "tests/floor.json");
  return {
    filters: positionals,
    dir: resolve(values.dir ?? fileURLToPath(new URL(".", import.meta.url))),
    floorFile: positionals.length > 0 ? undefined : floorFile,
    countsFile: values.counts,
    limit: positive("limit"),
    linger: positive("linger"),
    jobs: Math.ceil(positive("jobs")),
    bail: values.bail,
    verbose: values.verbose,
  };
}

/** Names of the test files below `dir`, with forward slashes, sorted by code unit. */
function findFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.test\.m?js$/.test(entry.name))
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code: number, text: string) => (colours ? `\x1b[${code}m${text}\x1b[0m` : text);
const green = (text: string) => paint(32, text);
const red = (text: string) => paint(31, text);
const indent = (text: string, by: string) => text.replace(/^(?=.)/gm, by);
const print = (text: string) => process.stdout.write(`${text}\n`);

function printFileLine({ name, milliseconds, report, output }: FileOutcome, verbose: boolean) {
  const { passed, skipped, failures } = report;
  const counts = `${passed} passed${failures.length > 0 ? `, ${failures.length} failed` : ""}`;
  const mark = failures.length > 0 ? red("FAIL") : green("ok  ");
  print(`${mark} ${name}  ${counts}  ${Math.round(milliseconds)} ms`);
  for (const test of skipped) print(`     skipped: ${test}`);
  if (output && (verbose || failures.length > 0)) print(indent(output.trimEnd(), "     | "));
  // Here too, and not only at the end: a log may be cut, and then it is cut around this line.
  for (const failure of failures) print(indent(`${failure.name}: ${failure.text}`, "     > "));
}

function printFailure(file: string, { name, text }: Failure) {
  print(`\n${red("FAIL")} ${file ? `${file} > ` : ""}${name}\n${indent(text, "  ")}`);
}

/** Runs all files, `jobs` at a time, and prints their lines in the order of the names. */
async function runFiles(names: readonly string[], options: Options): Promise<FileOutcome[]> {
  const reports = mkdtempSync(join(tmpdir(), "test-reports-"));
  const outcomes: FileOutcome[] = [];
  let next = 0;
  let printed = 0;
  const worker = async () => {
    while (next < names.length) {
      const index = next++;
      const name = names[index] as string;
      const reportPath = join(reports, `${index}.jsonl`);
      outcomes[index] = await runFile(name, join(options.dir, name), reportPath, options);
      for (; outcomes[printed]; printed++) {
        printFileLine(outcomes[printed] as FileOutcome, options.verbose);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: options.jobs }, worker));
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
  return outcomes;
}

function writeCounts(path: string, outcomes: readonly FileOutcome[]): void {
  const counts = outcomes.map(({ name, report: { passed, failures, skipped } }) => [
    name,
    { passed, failed: failures.length, skipped: skipped.length },
  ]);
  writeFileSync(path, JSON.stringify(Object.fromEntries(counts)));
}

/** The committed floor: tests that vanish must not pass unnoticed. */
function checkFloor(floorFile: string, passed: number): Failure | undefined {
  const name = `(floor in ${floorFile})`;
  let floor: unknown;
  try {
    floor = (JSON.parse(readFileSync(floorFile, "utf8")) as { tests?: unknown }).tests;
  } catch (error) {
    return { name, text: `cannot be read: ${String(error)}` };
  }
  if (typeof floor !== "number" || !(floor >= 0)) {
    return { name, text: `expected {"tests": N}, got ${JSON.stringify(floor)} for "tests"` };
  }
  if (passed >= floor) return undefined;
  return { name, text: `expected at least ${floor} tests to pass, got ${passed}` };
}

async function main(): Promise<void> {
  const options = readOptions();
  const found = findFiles(options.dir);
  const { filters } = options;
  const names = found.filter(
    (name) => filters.length === 0 || filters.some((filter) => name.includes(filter)),
  );
  const general: Failure[] = filters
    .filter((filter) => !found.some((name) => name.includes(filter)))
    .map((filter) => ({ name: "(filter)", text: `no test file's path contains "${filter}"` }));
  if (found.length === 0) {
    general.push({ name: "(test files)", text: `no *.test.js or *.test.mjs in ${options.dir}` });
  }

  const outcomes = await runFiles(names, options);
  if (options.countsFile) writeCounts(options.countsFile, outcomes);
  const passed = outcomes.reduce((sum, { report }) => sum + report.passed, 0);
  const skipped = outcomes.reduce((sum, { report }) => sum + report.skipped.length, 0);
  const floorFailure = options.floorFile && checkFloor(options.floorFile, passed);
  if (floorFailure) general.push(floorFailure);

  for (const { name, report } of outcomes) {
    for (const failure of report.failures) printFailure(name, failure);
  }
  for (const failure of general) printFailure("", failure);
  const failed = outcomes.reduce((sum, { report }) => sum + report.failures.length, general.length);
  print(skipped > 0 ? `\n${skipped} skipped` : "");
  // The last line, alone, in one form: programs read it.
  print(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  process.exitCode = 2;
}
