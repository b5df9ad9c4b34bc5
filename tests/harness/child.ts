import { spawnSync } from "node:child_process";
import { openSync, writeSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { recorder } from "./recorder.ts";
import { redirectUvu } from "./redirect.ts";

// Runs one test file: node child.js FILE REPORT LINGER BAIL. Writes JSON lines to REPORT, synchronously,
// so that they outlive any kind of death: {"at": name} when something starts, and at a proper end
// {"report": {...}}. Without that last line the parent counts the file as failed.

type RunSuite = () => Promise<readonly [errors: unknown, passed: number]>;

const globals = globalThis as { UVU_DEFER?: number; UVU_INDEX?: number; UVU_QUEUE?: unknown[][] };

const [, file = "", reportPath = "", linger = "", bail = ""] = process.argv.splice(1);
process.argv.push(file);
const reportFile = openSync(reportPath, "a");
const send = (line: object) => writeSync(reportFile, `${JSON.stringify(line)}\n`);
let finished = false;

recorder.onEnter = (name) => send({ at: name });
recorder.onTestFailed = () => {
  if (bail !== "true") return;
  send({ report: recorder.report() });
  process.exit(1);
};

process.on("uncaughtException", (thrown) => recorder.failWith(recorder.current, thrown));
process.on("unhandledRejection", (reason) => recorder.failWith(recorder.current, reason));
process.on("beforeExit", () => {
  if (finished) return;
  recorder.fail(recorder.current, "waits for a promise that never settles");
  finished = true;
});
process.on("exit", (code) => {
  // process.exit() in a test lands here too; no report is how the parent learns of it.
  if (!finished) return;
  if (code !== 0) recorder.fail("(end of the file)", `process.exitCode was left at ${code}`);
  checkNothingForgotten();
  send({ report: recorder.report() });
  process.exitCode = recorder.failures.length > 0 ? 1 : 0;
});

/** Drops uvu's own dots and keeps what tests print. */
function muteUvu(): void {
  const write = process.stdout.write.bind(process.stdout) as (...args: unknown[]) => boolean;
  process.stdout.write = (...args: unknown[]) => {
    const isUvus = !recorder.inUserCode && args.length === 1 && typeof args[0] === "string";
    return isUvus || write(...args);
  };
}

async function load(): Promise<boolean> {
  recorder.inUserCode = true;
  try {
    await import(pathToFileURL(file).href);
    await turn();
    return true;
  } catch (thrown) {
    recorder.failWith("(loading the file)", thrown);
    if (thrown instanceof SyntaxError) addSyntaxErrorPlace();
    return false;
  } finally {
    recorder.inUserCode = false;
  }
}

/** An imported file's SyntaxError has no line in its stack; Node's own check prints it. */
function addSyntaxErrorPlace(): void {
  const check = spawnSync(process.execPath, ["--check", file], { encoding: "utf8" });
  const place = check.stderr.split("\n\n")[0]?.trim();
  if (check.status !== 0 && place) recorder.fail("(syntax of the file)", place);
}

async function runSuites(queue: readonly unknown[]): Promise<void> {
  // By index: a suite may be queued while another runs.
  for (let i = 0; i < queue.length; i++) {
    const batch = recorder.batches[i];
    if (!batch) return recorder.fail("(a suite)", "was queued in uvu past the harness");
    const { passed, started } = recorder;
    const failures = recorder.failures.length;
    const [, uvuPassed] = await (queue[i] as RunSuite)();
    const notRun = batch.tests - (recorder.started - started);
    if (recorder.failures.length > failures) continue;
    if (notRun > 0) recorder.fail(batch.suite, `${notRun} of ${batch.tests} tests did not run`);
    const counted = recorder.passed - passed;
    if (uvuPassed !== counted) {
      recorder.fail(batch.suite, `uvu counts ${uvuPassed} passed, the harness ${counted}`);
    }
  }
}

function checkNothingForgotten(): void {
  for (const { title, pending } of recorder.suites) {
    if (pending > 0) {
      recorder.fail(`${title || "(suite)"} > run()`, `forgotten: ${pending} tests never ran`);
    }
  }
  const queued = globals.UVU_QUEUE?.[0]?.length ?? 0;
  if (queued !== recorder.batches.length) {
    recorder.fail("(uvu's queue)", `holds ${queued} runs, the harness ${recorder.batches.length}`);
  }
  const { passed, skipped, failures } = recorder;
  if (passed + skipped.length + failures.length === 0) {
    recorder.fail("(the file)", "registers no test");
  }
}

/** Ends a process that something keeps alive after the last test, and says what. */
function limitLinger(): void {
  setTimeout(() => {
    const open = [...new Set(process.getActiveResourcesInfo())].join(", ");
    recorder.fail("(after the last test)", `still alive after ${linger} s. Left open: ${open}`);
    process.exit();
  }, Number(linger) * 1000).unref();
}

async function main(): Promise<void> {
  globals.UVU_DEFER = 1;
  globals.UVU_INDEX = 0;
  globals.UVU_QUEUE = [[]];
  redirectUvu();
  muteUvu();
  if (await load()) await runSuites(globals.UVU_QUEUE[0] ?? []);
  recorder.enter("(after the last test)");
  finished = true;
  limitLinger();
}

// Not awaited here: a top-level await that never settles is another kind of exit.
void main();
