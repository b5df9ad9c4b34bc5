import { setImmediate as turn } from "node:timers/promises";
import * as uvu from "uvu";
import { recorder } from "./recorder.ts";

// Stands in for "uvu" inside test files (harness/redirect.ts). uvu still does the running; this
// wrapper sees each registration, run and outcome, because uvu 0.5.6 says nothing of a hook that
// throws, of a thrown non-Error and of a suite whose run() was forgotten.

type Handler = (context: never) => unknown;
type HookKind = "before" | "before.each" | "after" | "after.each";

/** Runs a handler; false if anything failed in it. Failures carry `name`. */
async function succeeds(name: string, handler: Handler, context: never): Promise<boolean> {
  const failuresBefore = recorder.failures.length;
  recorder.inUserCode = true;
  try {
    await handler(context);
  } catch (thrown) {
    recorder.failWith(name, thrown);
  }
  // Unhandled rejections and uncaught exceptions are reported now, still under this name.
  await turn();
  recorder.inUserCode = false;
  return recorder.failures.length === failuresBefore;
}

// uvu needs to see a real Error; what it says of it is never read.
const alreadyRecorded = () => new Error("recorded by the harness");

function guardTest(name: string, handler: Handler) {
  return async (context: unknown): Promise<void> => {
    recorder.startTest(name);
    if (!(await succeeds(name, handler, context as never))) {
      recorder.onTestFailed();
      throw alreadyRecorded();
    }
    recorder.pass();
  };
}

function guardHook(title: string, kind: HookKind, handler: Handler) {
  return async (context: unknown): Promise<void> => {
    const test = (context as { __test__?: string }).__test__;
    const name = label(title, test ? `${kind} of "${test}"` : kind);
    recorder.enter(name);
    if (await succeeds(name, handler, context as never)) return;
    // A failed before hook stops what it prepares. A failed after hook must not stop anything:
    // uvu would drop the rest of the suite without a word.
    if (kind === "before" || kind === "before.each") throw alreadyRecorded();
    if (kind === "after.each") recorder.takeBackPass();
  };
}

function label(title: string, name: string): string {
  return title ? `${title} > ${name}` : name;
}

/** uvu's `suite`, watched. */
export function suite(title = "", context: Record<string, unknown> = {}) {
  const inner = uvu.suite(title, context);
  const entry = { title, pending: 0 };
  recorder.suites.push(entry);
  let plain = 0;
  let only = 0;
  let skips = 0;
  const hook = (kind: HookKind, register: (hook: uvu.Callback) => void) => (handler: Handler) =>
    register(guardHook(title, kind, handler));

  const test = (name: string, handler: Handler): void => {
    plain++;
    entry.pending++;
    inner(name, guardTest(label(title, name), handler));
  };
  test.only = (name: string, handler: Handler): void => {
    only++;
    entry.pending++;
    recorder.fail(label(title, name), "test.only is left in: it silently skips its neighbours");
    inner.only(name, guardTest(label(title, name), handler));
  };
  test.skip = (name = "(without a name)"): void => {
    skips++;
    recorder.skipped.push(label(title, name));
    inner.skip();
  };
  test.before = Object.assign(hook("before", inner.before), {
    each: hook("before.each", inner.before.each),
  });
  test.after = Object.assign(hook("after", inner.after), {
    each: hook("after.each", inner.after.each),
  });
  test.run = (): void => {
    if (plain + only + skips === 0) recorder.fail(label(title, "run()"), "runs no test");
    recorder.batches.push({ suite: title, tests: only || plain });
    plain = only = skips = entry.pending = 0;
    inner.run();
  };
  return test;
}

/** uvu's ready-made suite without a name. */
export const test = suite();

/** @throws Error always: inside the runner, test files don't start runs of their own. */
export function exec(): never {
  throw new Error("exec() of uvu inside a test file: the runner executes the suites");
}
