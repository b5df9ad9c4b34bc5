import { JOB_BYTES, JOB_CHUNKS, JOB_NEXT, OP_SCAN, OP_STEP } from "../../assembly/layout.ts";
import { AdamW, type AdamWOptions, AshlarError, clipByGlobalNorm } from "../../src/index.ts";
import { machineryOf } from "../../src/optimizers/optimizer.ts";
import type { Fault } from "./faults.ts";
import type { FaultyTeam } from "./faulty-team.ts";
import { realistic } from "./patterns.ts";
import { xorshift32 } from "./random.ts";

// Workers that die in the middle of a run, and what becomes of it: it ends with an error in time, or
// the step is done; and whichever way it goes on, it comes to the bits of a run where nothing happened.

/** `kill`: the caller ends the worker at a random time, which it can only do in an async step. */
export type Death = "kill" | "exit" | "throw" | "trap" | "spin" | "wait";
export const DEATHS: readonly Death[] = ["kill", "exit", "throw", "trap", "spin", "wait"];

export interface DyingCase {
  readonly death: Death;
  readonly threads: number;
  readonly isAsync: boolean;
  readonly options: string;
  readonly fault: Fault;
  /** After so many steps the run is saved for the last time; before it, in each. */
  readonly savedAt: number;
  /** For kills: after how many steps, and milliseconds later. */
  readonly killAt: number;
  readonly delay: number;
}

/** `done`: the fault found no chunk to fail at. `kept`: WORKER, before anything was written. */
export interface Outcome {
  readonly end: "done" | "poisoned" | "kept";
  /** Milliseconds that the failing step took. */
  readonly ms: number;
}

const STEPS = 8;
const MOST_MS = 2000;
const MOST_BEGIN_MS = 50;
const LENGTHS = { large: 300_001, small: 4097 };
const OPTIONS: Readonly<Record<string, AdamWOptions>> = {
  "global norm": { clip: clipByGlobalNorm(1), amsgrad: true },
  "16 bits": { clip: clipByGlobalNorm(1), precision: { model: "float16", gradients: "float16" } },
  "several slabs": { slabBytes: 2 ** 21, gradNorm: true },
};

const base = realistic(LENGTHS.large + STEPS * 31, 7);
const halves = Uint16Array.from(base, (value) => 0x2800 | Math.abs(Math.trunc(value * 1023)));

/** Case number `index` of a seed. */
export function dyingCase(seed: number, index: number): DyingCase {
  const next = xorshift32((seed ^ Math.imul(index + 1, 0x9e3779b1)) | 1);
  for (let i = 0; i < 8; i++) next();
  const one = (count: number) => (next() >>> 8) % count;
  const death = DEATHS[index % DEATHS.length];
  const isKill = death === "kill";
  return {
    death,
    threads: 2 + one(2),
    isAsync: isKill || one(2) === 0,
    options: Object.keys(OPTIONS)[one(3)],
    fault: {
      kind: isKill ? "none" : death,
      op: one(2) === 0 ? OP_SCAN : OP_STEP,
      skip: one(16),
      write: one(2) === 0,
      pace: isKill ? 1 + one(4) : 0,
    },
    savedAt: one(3),
    killAt: 1 + one(STEPS - 2),
    delay: isKill ? one(5) : 0,
  };
}

export function describeCase({ death, threads, isAsync, options, fault }: DyingCase): string {
  const op = fault.op === OP_SCAN ? "scan" : "update";
  const where = death === "kill" ? "" : ` in chunk ${fault.skip + 1} of the ${op}`;
  return `${death}${where}, ${threads} threads, ${isAsync ? "async" : "sync"}, ${options}`;
}

function fillGradients(optimizer: AdamW, k: number): void {
  for (const name of Object.keys(LENGTHS)) {
    for (const { first, gradient, gradient16 } of optimizer.parameter(name).parts) {
      const from = 31 * k + first;
      if (gradient16) gradient16.set(halves.subarray(from, from + gradient16.length));
      else gradient.set(base.subarray(from, from + gradient.length));
    }
  }
}

const make = (options: AdamWOptions, threads: number) =>
  AdamW.create(
    Object.fromEntries(
      Object.entries(LENGTHS).map(([name, length], i) => [name, realistic(length, i + 1)]),
    ),
    { lr: 0.01, ...options, threads },
  );

const straightRuns = new Map<string, readonly string[]>();

/** The digests of a run on one thread, after 0, 1, ... STEPS steps. */
async function straightRun(name: string): Promise<readonly string[]> {
  const known = straightRuns.get(name);
  if (known) return known;
  const optimizer = await make(OPTIONS[name], 1);
  const digests = [optimizer.digest()];
  for (let k = 0; k < STEPS; k++) {
    fillGradients(optimizer, k);
    optimizer.step();
    digests.push(optimizer.digest());
  }
  optimizer.dispose();
  straightRuns.set(name, digests);
  return digests;
}

function same(what: string, got: unknown, expected: unknown): void {
  if (!Object.is(got, expected)) throw new Error(`${what}: expected ${expected}, got ${got}`);
}

async function errorOf(act: () => unknown): Promise<AshlarError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof AshlarError) return error;
    throw error;
  }
  throw new Error("expected an error, got none");
}

/**
 * Has the caller begin with its share of a job only once half of it is claimed: on a busy machine it
 * would do all of it before a worker wakes up, and no fault would be met with.
 */
export function letWorkersBegin(optimizer: AdamW): void {
  const slabs = new Set(
    machineryOf(optimizer)
      .bound.slabs.partsOf(0)
      .map(({ slab }) => slab),
  );
  for (const { kernel, memory, plan } of slabs) {
    const shared = kernel as unknown as { runJob(jobPtr: number, scratchPtr: number): void };
    const { runJob } = shared;
    const job = memory.int32(plan.layout.jobPtr, JOB_BYTES / 4);
    shared.runJob = (jobPtr, scratchPtr) => {
      const end = performance.now() + MOST_BEGIN_MS;
      const half = job[JOB_CHUNKS / 4] / 2;
      while (Atomics.load(job, JOB_NEXT / 4) > half && performance.now() < end);
      runJob(jobPtr, scratchPtr);
    };
  }
}

/** Runs a case. @throws Error where it ends otherwise than promised */
export async function runDyingCase(of: DyingCase, team: FaultyTeam): Promise<Outcome> {
  const { threads, options, fault, savedAt, isAsync } = of;
  const digests = await straightRun(options);
  team.use(fault);
  const optimizer = await make(OPTIONS[options], threads);
  const [victim] = team.workers;
  team.use(null);
  letWorkersBegin(optimizer);
  let file: Uint8Array | null = null;
  try {
    for (let k = 0; k < STEPS; k++) {
      if (k <= savedAt) file = await optimizer.toBytes();
      fillGradients(optimizer, k);
      const isKilled = of.death === "kill" && k === of.killAt;
      if (isKilled) setTimeout(() => victim.terminate(), of.delay);
      const start = performance.now();
      try {
        if (isAsync) await optimizer.stepAsync(() => undefined);
        else optimizer.step();
      } catch (error) {
        const ms = performance.now() - start;
        if (ms >= MOST_MS) throw new Error(`the error came after ${ms} ms`, { cause: error });
        const { code, message } = error as AshlarError;
        const failed = { optimizer, message, k };
        if (code === "POISONED") await recover(of, failed, file, digests);
        else if (code === "WORKER") await goOn(failed, digests);
        else throw error;
        return { end: code === "POISONED" ? "poisoned" : "kept", ms };
      }
    }
    same("the digest of the whole run", optimizer.digest(), digests[STEPS]);
    return { end: "done", ms: 0 };
  } finally {
    optimizer.dispose();
    team.end();
  }
}

interface Failed {
  readonly optimizer: AdamW;
  readonly message: string;
  /** Index of the step that failed. */
  readonly k: number;
}

/** The state may be half-written: nothing takes it for whole, and the last checkpoint goes on. */
async function recover(
  { threads }: DyingCase,
  { optimizer, message, k }: Failed,
  file: Uint8Array | null,
  digests: readonly string[],
): Promise<void> {
  if (!message.includes(`inside step ${k + 1}: `)) throw new Error(`no step in: ${message}`);
  same("code of save", (await errorOf(() => optimizer.toBytes())).code, "POISONED");
  same("code of step", (await errorOf(() => optimizer.step())).code, "POISONED");
  same("code of digest", (await errorOf(() => optimizer.digest())).code, "POISONED");
  optimizer.dispose();
  const loaded = await AdamW.load(file as Uint8Array, { threads });
  same("the digest that was loaded", loaded.digest(), digests[loaded.steps]);
  same("threads of the loaded one", loaded.threads, threads);
  await finish(loaded, digests);
  loaded.dispose();
}

/** Nothing was written: the same optimizer goes on, alone. */
async function goOn({ optimizer, message, k }: Failed, digests: readonly string[]): Promise<void> {
  if (!message.includes(`before step ${k + 1} wrote`)) throw new Error(`no step in: ${message}`);
  same("steps", optimizer.steps, k);
  same("the digest after the error", optimizer.digest(), digests[k]);
  same("threads", optimizer.threads, 1);
  await finish(optimizer, digests);
}

async function finish(optimizer: AdamW, digests: readonly string[]): Promise<void> {
  for (let k = optimizer.steps; k < STEPS; k++) {
    fillGradients(optimizer, k);
    optimizer.step();
  }
  same("the digest of the run that went on", optimizer.digest(), digests[STEPS]);
}
