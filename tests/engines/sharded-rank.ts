import {
  type Collective,
  joinLocal,
  type LocalRank,
  type RankError,
} from "../../src/sharded/index.ts";
import {
  COURSE_STEPS,
  type CourseDigests,
  courseGradients,
  makeSharded,
  takeCourse,
} from "./sharded-course.ts";

// A rank in a worker, of whichever kind the engine has: sharded-threads.ts starts it.

/** What the worker is told. */
export interface RankStart {
  readonly handle: LocalRank;
  /** The step in which the last rank stops for good, before it is written; null: none. */
  readonly stopsIn: number | null;
}

/** What it answers: how it ended; where it is to stop, also that it has joined, and that it stops. */
export type RankAnswer =
  | CourseDigests
  | { readonly joined: number }
  | { readonly stopped: number }
  | { readonly failed: string; readonly rank: number | null; readonly steps: number };

/** The other end: `parentPort` in Node, Deno and Bun, the global scope in a Web Worker. */
interface Port {
  postMessage(answer: RankAnswer): void;
  addEventListener(type: "message", listen: (event: { data: RankStart }) => void): void;
  start?(): void;
}

const { process } = globalThis as {
  process?: { getBuiltinModule?(name: string): { parentPort: Port } | undefined };
};
const threads = process?.getBuiltinModule?.("node:worker_threads");
const port = threads?.parentPort ?? (globalThis as unknown as Port);

/** A rank that has its sums in that step, and so has every other, but never says that it has. */
function stopping(collective: Collective, step: number): Collective {
  let barriers = 0;
  const barrier = () => {
    if (barriers++ < step) return collective.barrier();
    port.postMessage({ stopped: step });
    return new Promise<void>(() => {});
  };
  return new Proxy(collective, {
    get(target, name) {
      if (name === "barrier") return barrier;
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Takes steps for as long as there is anybody to take them with. */
async function goOn(collective: Collective): Promise<RankAnswer> {
  const optimizer = await makeSharded(collective);
  try {
    while (optimizer.steps < COURSE_STEPS) {
      await optimizer.step(courseGradients(optimizer.steps, collective.rank));
    }
    return { failed: "", rank: null, steps: optimizer.steps };
  } catch (error) {
    const { code, rank } = error as RankError;
    return { failed: code, rank, steps: optimizer.steps };
  } finally {
    optimizer.dispose();
  }
}

port.addEventListener("message", async ({ data: { handle, stopsIn } }) => {
  const collective = await joinLocal(handle);
  if (stopsIn === null) {
    port.postMessage(await takeCourse(collective));
  } else {
    port.postMessage({ joined: collective.rank });
    const stops = collective.rank === collective.size - 1;
    port.postMessage(await goOn(stops ? stopping(collective, stopsIn) : collective));
  }
  await collective.close();
});
port.start?.();
