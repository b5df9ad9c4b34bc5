import type { AdamW } from "../../src/index.ts";
import { makeThreadedRun, THREADED_STEPS } from "../engines/optimizer-run.ts";
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
  return results;
}
