import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Report } from "./recorder.ts";

export interface FileLimits {
  /** Seconds for one test file. */
  readonly limit: number;
  /** Seconds that it may stay alive after its last test. */
  readonly linger: number;
  /** Whether the file ends with its first test that fails. */
  readonly bail?: boolean;
  /** Where the file runs; the runner's own folder by default. */
  readonly cwd?: string;
}

export interface FileOutcome {
  readonly name: string;
  readonly milliseconds: number;
  readonly report: Report;
  /** What the file printed, or the end of it. */
  readonly output: string;
}

interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  /** Killed because it lived on after it had reported. */
  readonly stuck: boolean;
}

const CHILD = fileURLToPath(new URL("./child.js", import.meta.url));
const OUTPUT_LIMIT = 64 * 1024;
/** Milliseconds to wait for the pipes of an ended child: a grandchild may still hold them. */
const PIPE_GRACE = 500;
/**
 * Milliseconds between its report, the child's last act, and its end. Node 20 now and then never
 * gets through its own shutdown; by then every test has ended and been counted.
 */
const SHUTDOWN_GRACE = 4000;

/** Runs one test file in its own process; never rejects. */
export async function runFile(
  name: string,
  path: string,
  reportPath: string,
  limits: FileLimits,
): Promise<FileOutcome> {
  const start = performance.now();
  let output = "";
  const keep = (chunk: string) => {
    output = (output + chunk).slice(-OUTPUT_LIMIT);
  };
  const ending = await runChild(path, reportPath, limits, keep);
  const milliseconds = performance.now() - start;
  return { name, milliseconds, report: judge(reportPath, ending, limits.limit), output };
}

function runChild(
  path: string,
  reportPath: string,
  { limit, linger, bail = false, cwd }: FileLimits,
  keep: (chunk: string) => void,
): Promise<Ending> {
  // Tests see plain text, whatever the runner's own terminal is. Both variables at once make Node
  // print a warning.
  const { FORCE_COLOR: _, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [...process.execArgv, "--enable-source-maps", CHILD, path, reportPath, `${linger}`, `${bail}`],
    { cwd, env: { ...env, NO_COLOR: "1" }, stdio: ["ignore", "pipe", "pipe"] },
  );
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  return new Promise((resolve) => {
    let timedOut = false;
    let stuck = false;
    let reportedAt = 0;
    const watch = setInterval(() => {
      if (reportedAt === 0 && readLines(reportPath).report) reportedAt = performance.now();
      if (reportedAt === 0 || performance.now() - reportedAt < SHUTDOWN_GRACE) return;
      stuck = true;
      child.kill("SIGKILL");
    }, 1000);
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, limit * 1000);
    child.on("error", (error) => {
      clearTimeout(timer);
      clearInterval(watch);
      keep(String(error));
      resolve({ code: null, signal: null, timedOut, stuck });
    });
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      clearInterval(watch);
      const ending = { code, signal, timedOut, stuck };
      const giveUp = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve(ending);
      }, PIPE_GRACE);
      child.on("close", () => {
        clearTimeout(giveUp);
        resolve(ending);
      });
    });
  });
}

/** Turns the child's lines and its end into a report; without a final report the file failed. */
function judge(
  reportPath: string,
  { code, signal, timedOut, stuck }: Ending,
  limit: number,
): Report {
  const { report, last } = readLines(reportPath);
  const how = signal ? `signal ${signal}` : `exit code ${code}`;
  const failed = (text: string): Report => ({
    passed: 0,
    skipped: [],
    failures: [...(report?.failures ?? []), { name: last, text }],
  });
  if (stuck && report) return report;
  if (timedOut) return failed(`not finished after ${limit} s`);
  if (!report) return failed(`the process ended by itself (${how}) before its tests had finished`);
  const expected = report.failures.length > 0 ? 1 : 0;
  return code === expected ? report : failed(`the process ended with ${how} after its report`);
}

function readLines(path: string): { report: Report | undefined; last: string } {
  let report: Report | undefined;
  let last = "(starting)";
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // the child died before it opened the file
  }
  for (const line of text.split("\n").slice(0, -1)) {
    const entry = JSON.parse(line) as { at?: string; report?: Report };
    if (entry.at !== undefined) last = entry.at;
    if (entry.report !== undefined) report = entry.report;
  }
  return { report, last };
}
