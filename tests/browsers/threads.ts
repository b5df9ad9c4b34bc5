import { OP_SCAN, OP_STEP } from "../../assembly/layout.ts";
import { AdamW, type AshlarError } from "../../src/index.ts";
import { makeThreadedRun, THREADED_STEPS } from "../engines/optimizer-run.ts";
import { type Fault, faultyWorkerUrl, NO_FAULT } from "../reference/faults.ts";
import { assertSame, type Found, type Result, rejection, resultOf } from "./result.ts";

const STEPS: Record<string, (optimizer: AdamW) => unknown> = {
  step: (optimizer) => optimizer.step(),
  stepAsync: (optimizer) => optimizer.stepAsync(() => undefined),
};

/** Threads that there must be; without shared memory "auto" is one. */
function expectedThreads(asked: number | "auto"): number {
  if (!crossOriginIsolated) return 1;
  return asked === "auto" ? Math.min(4, navigator.hardwareConcurrency) : asked;
}

async function runOn(asked: number | "auto", step: (of: AdamW) => unknown): Promise<Found> {
  const optimizer = await makeThreadedRun(asked);
  const { threads } = optimizer;
  const start = performance.now();
  for (let k = 0; k < THREADED_STEPS; k++) await step(optimizer);
  const ms = (performance.now() - start) / THREADED_STEPS;
  const digest = optimizer.digest();
  optimizer.dispose();
  assertSame("threads", threads, expectedThreads(asked));
  return { digest, detail: `${threads} in use, ${ms.toFixed(2)} ms a step` };
}

/** Where threads cannot be had a number of them is an error that says what the page lacks; one works. */
async function runOnOne(asked: number, step: (of: AdamW) => unknown): Promise<Found> {
  const { message } = await rejection(`threads ${asked}`, makeThreadedRun(asked));
  assertSame(message, message.includes("Cross-Origin-Opener-Policy: same-origin"), true);
  return await runOn(1, step);
}

/** Workers that die: names that scripts/browser-expectations.mjs knows. */
const DEATHS: readonly [name: string, step: string, fault: Partial<Fault>][] = [
  ["a worker that throws", "step", { kind: "throw", op: OP_STEP, skip: 3 }],
  ["a worker that traps", "stepAsync", { kind: "trap", op: OP_SCAN, skip: 3 }],
  ["a worker that never answers", "step", { kind: "spin", op: OP_SCAN, skip: 3 }],
  ["a worker that never answers, async", "stepAsync", { kind: "wait", op: OP_STEP, skip: 3 }],
  // In Chromium it goes on for two seconds after it was told to end, and so the step is done.
  ["a worker that is killed", "step", { pace: 0.1 }],
  ["a worker that is killed, async", "stepAsync", { pace: 20 }],
];
const MOST_MS = 2000;

/** Two threads, one of which dies: an error in time, after which the run comes to its digest. */
async function runWithDeath(step: (of: AdamW) => unknown, given: Partial<Fault>): Promise<Found> {
  const fault = { ...NO_FAULT, ...given };
  const { Worker: Real } = globalThis;
  const started: Worker[] = [];
  globalThis.Worker = class extends Real {
    constructor(_: string | URL, options?: WorkerOptions) {
      super(faultyWorkerUrl({ ...fault, index: 0 }), options);
      started.push(this);
    }
  };
  let optimizer = await makeThreadedRun(2);
  globalThis.Worker = Real;
  const gradient = optimizer.gradient("w").slice();
  const file = await optimizer.toBytes();
  const [victim] = started;
  const isKilled = fault.kind === "none";
  let said = "no error";
  while (optimizer.steps < THREADED_STEPS) {
    if (isKilled && optimizer.steps === 5) {
      if (fault.pace < 1) victim.terminate();
      else setTimeout(() => victim.terminate(), fault.pace / 4);
    }
    const start = performance.now();
    try {
      await step(optimizer);
    } catch (error) {
      const ms = performance.now() - start;
      const { code, message } = error as AshlarError;
      assertSame(`${message}: after ${ms} ms`, ms < MOST_MS, true);
      said = `${code} at step ${optimizer.steps + 1} in ${ms.toFixed(0)} ms`;
      if (code === "POISONED") {
        optimizer.dispose();
        optimizer = await AdamW.load(file, { threads: 2 });
        assertSame("threads of the loaded one", optimizer.threads, 2);
      } else {
        assertSame(message, code, "WORKER");
        assertSame("threads after the error", optimizer.threads, 1);
      }
      optimizer.gradient("w").set(gradient);
    }
  }
  if (!isKilled) assertSame("an error", said === "no error", false);
  const digest = optimizer.digest();
  optimizer.dispose();
  return { digest, detail: said };
}

/** The same steps on any number of threads: the same digest. */
export async function run(): Promise<Result[]> {
  const results: Result[] = [];
  for (const asked of [1, 2, 3, "auto"] as const) {
    const isRefused = typeof asked === "number" && asked > 1 && !crossOriginIsolated;
    for (const [name, step] of Object.entries(STEPS)) {
      results.push(
        await resultOf(`${name}, threads ${asked}`, () =>
          isRefused ? runOnOne(asked, step) : runOn(asked, step),
        ),
      );
    }
  }
  for (const [name, step, fault] of DEATHS) {
    results.push(
      await resultOf(name, () =>
        crossOriginIsolated ? runWithDeath(STEPS[step], fault) : runOn(1, STEPS[step]),
      ),
    );
  }
  return results;
}
