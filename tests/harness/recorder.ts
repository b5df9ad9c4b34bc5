import { inspect, types } from "node:util";

/** One thing that went wrong, ready to print. */
export interface Failure {
  /** "suite > test", a hook's name, or a place in parentheses. */
  readonly name: string;
  readonly text: string;
}

/** What one test file did. The runner believes nothing else. */
export interface Report {
  readonly passed: number;
  readonly skipped: readonly string[];
  readonly failures: readonly Failure[];
}

/** One call of `run()`: what it should execute. */
export interface Batch {
  readonly suite: string;
  readonly tests: number;
}

/** Collects what happens in one test file; the wrapper around uvu writes it, the child reads it. */
class Recorder {
  passed = 0;
  readonly skipped: string[] = [];
  readonly failures: Failure[] = [];
  /** In the order of uvu's own queue. */
  readonly batches: Batch[] = [];
  /** Suites of the file; `pending` tests are registered and wait for `run()`. */
  readonly suites: { readonly title: string; pending: number }[] = [];
  /** True while code of the test file runs, false while uvu does. */
  inUserCode = false;
  /** Called with the name of whatever starts, so that a killed file can say where it was. */
  onEnter: (name: string) => void = () => {};
  /** Called after a test that failed, when its own clean-up is done. */
  onTestFailed: () => void = () => {};
  #current = "(loading the file)";
  #started = 0;
  #lastPassed = false;

  get current(): string {
    return this.#current;
  }

  /** Tests begun so far, whatever became of them. */
  get started(): number {
    return this.#started;
  }

  enter(name: string): void {
    this.#current = name;
    this.onEnter(name);
  }

  startTest(name: string): void {
    this.#started++;
    this.#lastPassed = false;
    this.enter(name);
  }

  pass(): void {
    this.passed++;
    this.#lastPassed = true;
  }

  /** An after.each hook failed: the test before it does not count as passed. */
  takeBackPass(): void {
    if (this.#lastPassed) this.passed--;
    this.#lastPassed = false;
  }

  fail(name: string, text: string): void {
    this.failures.push({ name, text });
  }

  failWith(name: string, thrown: unknown): void {
    this.fail(name, describe(thrown));
  }

  report(): Report {
    const { passed, skipped, failures } = this;
    return { passed, skipped, failures };
  }
}

/** The one recorder of this process: a child runs one test file. */
export const recorder = new Recorder();

const HIDDEN_FRAME = /node:internal|[\\/]node_modules[\\/]uvu[\\/]|[\\/]tests[\\/]harness[\\/]/;

/** Shows whatever was thrown: message, uvu's diff, stack, causes. Never throws itself. */
export function describe(thrown: unknown): string {
  try {
    // Errors of Node's loader are no native errors, errors of other realms no instances.
    if (!(thrown instanceof Error || types.isNativeError(thrown))) {
      return `thrown, and not an Error: ${inspect(thrown, { depth: 2 })}`;
    }
    const { details, operator, cause } = thrown as Error & {
      details?: unknown;
      operator?: unknown;
    };
    const isPlain = thrown.name === "Error" || thrown.name === "Assertion";
    const lines = [`${isPlain ? "" : `${thrown.name}: `}${thrown.message}`];
    if (typeof operator === "string") lines[0] += `  (${operator})`;
    if (typeof details === "string") lines.push(details.trimEnd());
    lines.push(...stackFrames(thrown));
    if (cause !== undefined) lines.push(`caused by: ${describe(cause)}`);
    return lines.join("\n");
  } catch {
    return "thrown, and it cannot be shown: its properties throw";
  }
}

function stackFrames(error: Error): string[] {
  const frames = String(error.stack)
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
  const own = frames.filter((frame) => !HIDDEN_FRAME.test(frame));
  return own.length > 0 ? own : frames;
}
