import * as os from "node:os";
import { Worker, type WorkerOptions } from "node:worker_threads";
import { AdamW, AshlarError, clipByGlobalNorm } from "../../src/index.ts";
import { realistic } from "./patterns.ts";

// Places where threads cannot be had, and what is asked for there: "auto" is one thread with the same
// bits, a number an error that says what is missing.

/** A place: what is put instead of what Node has. */
export interface Place {
  readonly name: string;
  /** Global things, by name. */
  readonly globals?: Readonly<Record<string, unknown>>;
  /** node:worker_threads' Worker; null: there is no such module, as in a browser. */
  readonly Worker?: unknown;
  readonly cores?: number;
  /** Threads that "auto" gives. */
  readonly auto: number;
  /** What `threads: 4` comes to: the whole message of an error WORKER, or so many threads. */
  readonly four: string | number;
}

const NOT_SHARED =
  '"threads" of the options: expected 1 or "auto" here, got 4: there is no shared memory. A page has ' +
  "it where it is cross-origin isolated: served with the headers Cross-Origin-Opener-Policy: " +
  "same-origin and Cross-Origin-Embedder-Policy: require-corp";
const started = (got: string) => `a worker: expected to start, got: ${got}`;

const later = setTimeout;

/** Workers that have been started and have not ended. */
export const alive = new Set<Worker>();

class Counted extends Worker {
  constructor(source: URL | string, options?: WorkerOptions) {
    super(source, options);
    alive.add(this);
    this.once("exit", () => alive.delete(this));
  }
}

/** The second one is refused, as by a limit of the system. */
class Scarce extends Counted {
  constructor(source: URL, options: WorkerOptions) {
    if (alive.size === 1) throw new Error("too many threads");
    super(source, options);
  }
}

/** A worker that runs other code than the package's. */
const running = (code: string) =>
  class Other extends Counted {
    constructor() {
      super(code, { eval: true });
    }
  };

/**
 * A browser's Worker, as far as the package uses it, by one of Node's.
 *
 * @param file     beside this one, instead of the package's
 * @param onErrors what its errors say
 */
const webWorker = (file = "./page-worker.js", onErrors?: string) =>
  class WebWorker {
    onmessage: ((event: { data: unknown }) => void) | null = null;
    onerror: ((event: { message: string }) => void) | null = null;
    readonly worker: Worker;

    constructor(_: URL) {
      this.worker = new Counted(new URL(file, import.meta.url), { execArgv: [] });
      this.worker.on("message", (data) => this.onmessage?.({ data }));
      this.worker.on("error", ({ message }) => this.onerror?.({ message: onErrors ?? message }));
    }
    postMessage(message: unknown): void {
      this.worker.postMessage(message);
    }
    /** Chromium lets it go on for two seconds: it ends by itself. */
    terminate(): void {
      later(() => void this.worker.terminate(), 2000).unref();
    }
  };

export const PLACES: readonly Place[] = [
  { name: "as it is", auto: 4, four: 4 },
  {
    name: "no SharedArrayBuffer",
    globals: { SharedArrayBuffer: undefined },
    auto: 1,
    four: NOT_SHARED,
  },
  { name: "not isolated", globals: { crossOriginIsolated: false }, auto: 1, four: NOT_SHARED },
  { name: "isolated", globals: { crossOriginIsolated: true }, auto: 4, four: 4 },
  {
    name: "no Worker",
    Worker: null,
    auto: 1,
    four: '"threads" of the options: expected 1 or "auto" here, got 4: there is no Worker',
  },
  { name: "one core", cores: 1, auto: 1, four: 4 },
  { name: "two cores", cores: 2, auto: 2, four: 4 },
  { name: "a worker is refused", Worker: Scarce, auto: 1, four: started("too many threads") },
  {
    name: "a worker's file throws",
    Worker: running("throw new Error('no such thing')"),
    auto: 1,
    four: started("no such thing"),
  },
  {
    name: "a worker ends at once",
    Worker: running("process.exit(7)"),
    auto: 1,
    four: started("its thread ended with code 7"),
  },
  {
    name: "a worker cannot compile the core",
    Worker: running(
      `require("node:worker_threads").parentPort.once("message", function () {
        this.postMessage({ failed: "CompileError: forbidden" });
      });`,
    ),
    auto: 1,
    four: started("CompileError: forbidden"),
  },
  {
    name: "a worker says nothing",
    // The time that it has passes faster.
    globals: { setTimeout: (act: () => void, ms: number) => later(act, ms === 15_000 ? 300 : ms) },
    Worker: running("setInterval(() => {}, 1000)"),
    auto: 1,
    four: started("no answer within 15 s"),
  },
  {
    name: "a browser",
    globals: { Worker: webWorker(), navigator: { hardwareConcurrency: 3 } },
    Worker: null,
    auto: 3,
    four: 4,
  },
  {
    name: "a browser that does not tell its cores",
    globals: { Worker: webWorker(), navigator: {} },
    Worker: null,
    auto: 1,
    four: 4,
  },
  {
    name: "a browser whose policy refuses workers",
    globals: {
      Worker: function Refused() {
        throw new Error("worker-src 'none'");
      },
      navigator: { hardwareConcurrency: 4 },
    },
    Worker: null,
    auto: 1,
    four: started("worker-src 'none'"),
  },
  {
    name: "a browser where the worker's file is not there",
    // Browsers tell of that without a message.
    globals: { Worker: webWorker("./no-such-file.js", ""), navigator: { hardwareConcurrency: 4 } },
    Worker: null,
    auto: 1,
    four: started("its file did not load"),
  },
];

const LENGTH = 300_001;
const STEPS = 3;
const weights = realistic(LENGTH, 1);
const gradient = realistic(LENGTH, 2);

/** The digest of some steps on so many threads, and how many there were. */
async function run(threads: number | "auto"): Promise<{ threads: number; digest: string }> {
  const clip = clipByGlobalNorm(1);
  const optimizer = await AdamW.create({ w: weights }, { threads, clip });
  optimizer.gradient("w").set(gradient);
  for (let k = 0; k < STEPS; k++) optimizer.step();
  const found = { threads: optimizer.threads, digest: optimizer.digest() };
  optimizer.dispose();
  return found;
}

let expected: string | undefined;

function same(what: string, got: unknown, wanted: unknown): void {
  if (got !== wanted) throw new Error(`${what}: expected ${wanted}, got ${got}`);
}

/** Runs "auto", 1 and 4 in a place. @throws Error where one is not as it must be */
export async function runIn(place: Place): Promise<void> {
  expected ??= (await run(1)).digest;
  for (const [asked, wanted] of [
    ["auto", place.auto],
    [1, 1],
    [4, place.four],
  ] as const) {
    const undo = enter(place);
    try {
      const found = await run(asked);
      same(`threads of ${asked}`, found.threads, wanted);
      same(`the digest of ${asked}`, found.digest, expected);
    } catch (error) {
      if (!(error instanceof AshlarError)) throw error;
      same(`what is said of ${asked}`, error.message, wanted);
      same("its code", error.code, "WORKER");
    } finally {
      undo();
    }
    await allEnded(asked);
  }
}

function enter({ globals = {}, Worker: other, cores = 4 }: Place): () => void {
  const owner = globalThis as Record<string, unknown>;
  const before = Object.getOwnPropertyDescriptors(owner);
  const { getBuiltinModule } = process;
  const instead: Record<string, unknown> = {
    "node:worker_threads": { Worker: other ?? Counted },
    "node:os": { ...os, availableParallelism: () => cores },
  };
  process.getBuiltinModule = (
    other === null ? undefined : (name: string) => instead[name] ?? getBuiltinModule(name)
  ) as never;
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  }
  return () => {
    process.getBuiltinModule = getBuiltinModule;
    for (const name of Object.keys(globals)) {
      if (before[name]) Object.defineProperty(owner, name, before[name]);
      else delete owner[name];
    }
  };
}

/** No worker stays, whether the optimizer was disposed or refused. */
async function allEnded(asked: unknown): Promise<void> {
  for (let i = 0; i < 500 && alive.size > 0; i++)
    await new Promise((resolve) => later(resolve, 10));
  same(`workers left by ${asked}`, alive.size, 0);
}
