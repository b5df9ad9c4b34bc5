import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as WorkerThreads from "node:worker_threads";
import {
  AdamW,
  AdamWDL,
  clipByGlobalNorm,
  DecoupledAdamW,
  dynamicLossScale,
  MindFormersAdamW,
} from "../../src/index.ts";
import type { Optimizer } from "../../src/optimizers/optimizer.ts";
import { type LiveMemories, liveMemories } from "./live-memories.ts";
import { realistic } from "./patterns.ts";
import { whereRefused } from "./refused-memory.ts";

// What is made and thrown away, many times, and what is left of it.

export interface Left extends LiveMemories {
  /** MiB of resident memory more than before. */
  readonly grown: number;
  /** Workers that were started, and those of them that have not ended. */
  readonly started: number;
  readonly running: number;
  /** What keeps the process alive, and was not there before. */
  readonly handles: readonly string[];
  /** Open files more than before; null where the system does not tell. */
  readonly files: number | null;
}

const LENGTH = 5000;
const VALUES = realistic(LENGTH, 1);
const GRADIENT = { w: realistic(LENGTH, 2) };
const w = () => ({ w: VALUES });

const MAKERS: readonly (() => Optimizer | Promise<Optimizer>)[] = [
  () => new AdamW(w()),
  () => AdamW.create(w(), { amsgrad: true, gradNorm: true, clip: clipByGlobalNorm(1) }),
  () => new AdamW(w(), { precision: { model: "float16" }, lossScale: dynamicLossScale() }),
  () => new AdamW([{ params: w() }, { params: { b: VALUES } }], { slabBytes: 450_560 }),
  () => new AdamWDL({ parameters: w() }),
  () => new DecoupledAdamW(w()),
  () => new MindFormersAdamW(w()),
];

/** One life: made, stepped, disposed of. */
export async function live(i: number): Promise<void> {
  const optimizer = await MAKERS[i % MAKERS.length]();
  optimizer.step(GRADIENT);
  optimizer.parameter("w");
  optimizer.dispose();
}

/** The same, but nobody says that it is over. */
export async function drop(i: number): Promise<void> {
  (await MAKERS[i % MAKERS.length]()).step(GRADIENT);
}

/** One life on two threads. */
export async function liveThreaded(i: number): Promise<void> {
  const optimizer = await AdamW.create(
    { w: { shape: [300_000] } },
    { threads: 2, ...(i % 2 === 0 ? {} : { slabBytes: 2 ** 21 }) },
  );
  optimizer.step();
  optimizer.dispose();
}

const lossScale = dynamicLossScale();
const REFUSED: readonly (() => unknown)[] = [
  () => new AdamW(w(), { lr: -1 }),
  () => new AdamW([{ params: w() }, { params: w() }]),
  () => new AdamW(w(), { lossScale, slabBytes: 65_536 }),
  // Only after its memory was made: a weight that float16 does not hold.
  () => new AdamW({ w: Float32Array.of(1e9) }, { lossScale, precision: { model: "float16" } }),
  () =>
    whereRefused(
      ({ kind }) => kind === "Memory",
      () => new AdamW(w(), { lossScale }),
    ),
  () => {
    let made = 0;
    const options = { lossScale, slabBytes: 450_560 };
    return whereRefused(
      ({ kind }) => kind === "Memory" && made++ > 0,
      () => new AdamW([{ params: w() }, { params: { b: VALUES } }], options),
    );
  },
  () =>
    AdamW.create(
      { w: new Float32Array(70_000).fill(1e9) },
      { lossScale, threads: 2, precision: { model: "float16" } },
    ),
];

/** A constructor that is refused. @param threaded whether it may have started workers before */
export async function beRefused(i: number, threaded: boolean): Promise<void> {
  const act = threaded ? REFUSED[REFUSED.length - 1] : REFUSED[i % (REFUSED.length - 1)];
  let made: unknown = null;
  try {
    made = await act();
  } catch {
    return;
  }
  throw new Error(`${i}: made ${made}`);
}

/** Saves and loads, and is refused: a folder that is not there, a file that is cut off. */
export async function withFiles(count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ashlar-leaks-"));
  const path = join(folder, "m.safetensors");
  const refused = (act: Promise<unknown>) =>
    act.then(
      () => Promise.reject(new Error("accepted")),
      () => undefined,
    );
  try {
    let optimizer = await AdamW.create(w());
    for (let i = 0; i < count; i++) {
      optimizer.step(GRADIENT);
      await optimizer.save(path, { keep: i % 3 });
      optimizer.dispose();
      optimizer = await AdamW.load(path);
      await refused(optimizer.save(join(folder, "none", "m")));
      await refused(MindFormersAdamW.load(path));
      const cut = (await optimizer.toBytes()).subarray(0, 5000 + i);
      await refused(AdamW.load(cut));
    }
    if (optimizer.steps !== count) throw new Error(`${optimizer.steps} steps`);
    optimizer.dispose();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const threads = createRequire(import.meta.url)("node:worker_threads") as {
  Worker: typeof WorkerThreads.Worker;
};

/** Counts the workers that `act` starts, which do not keep the process alive, and those that end. */
async function countWorkers(act: () => Promise<void>) {
  const { Worker } = threads;
  const count = { started: 0, ended: 0 };
  threads.Worker = class extends Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      count.started++;
      this.on("exit", () => count.ended++);
    }
  };
  try {
    await act();
  } finally {
    threads.Worker = Worker;
  }
  return count;
}

const handlesNow = () => process.getActiveResourcesInfo();

function filesNow(): number | null {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return null;
  }
}

/** What is there of `of` more often than in `before`. */
function more(of: readonly string[], before: readonly string[]): string[] {
  const left = [...before];
  return of.filter((kind) => {
    const at = left.indexOf(kind);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** Resident memory once garbage is collected, in MiB. */
async function resident(collect: () => void): Promise<number> {
  for (let i = 0; i < 5; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage.rss() / 2 ** 20;
}

/** What `act` leaves behind. Let it have run before: engines and files are loaded once. */
export async function leftBy(collect: () => void, act: () => Promise<void>): Promise<Left> {
  const before = { handles: handlesNow(), files: filesNow(), resident: await resident(collect) };
  let workers = { started: 0, ended: 0 };
  const memories = await liveMemories(collect, async () => {
    workers = await countWorkers(act);
  });
  const grown = (await resident(collect)) - before.resident;
  let handles = more(handlesNow(), before.handles);
  // Threads end after they were told to.
  const { started } = workers;
  for (let tries = 0; tries < 3000 && (handles.length > 0 || workers.ended < started); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    handles = more(handlesNow(), before.handles);
  }
  const files = filesNow();
  const opened = files === null || before.files === null ? null : files - before.files;
  const running = started - workers.ended;
  return { ...memories, grown, started, running, handles, files: opened };
}
