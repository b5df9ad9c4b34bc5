import { parentPort, workerData } from "node:worker_threads";
import { joinLocal, type LocalRank } from "../../src/collectives/index.ts";
import type { RankError } from "../../src/errors.ts";
import { exercise } from "./exercise.ts";
import { busy } from "./ranks.ts";

// A rank in a worker: joins, takes part in a barrier and an exercise, and then does as it is told.

/** `exit`, `throw`, `return`: ends without a goodbye. `hang`: is busy for so long, then calls. */
export type Fate = "close" | "exit" | "throw" | "return" | "hang" | "idle" | "call";

export interface RankWorkerData {
  readonly handle: LocalRank;
  readonly seed: number;
  readonly fate: Fate;
  /** Milliseconds of `hang` and `idle`. */
  readonly ms: number;
}

const { handle, seed, fate, ms } = workerData as RankWorkerData;
const collective = await joinLocal(handle);
await collective.barrier();
parentPort?.postMessage({ digest: await exercise(collective, seed) });
switch (fate) {
  case "close":
    await collective.close();
    break;
  case "exit":
    process.exit(7);
    break;
  case "throw":
    throw new Error("a mistake of the program");
  case "return":
    break;
  case "hang":
    busy(ms);
    // What the others gave before may be enough for this one.
    await collective.barrier().catch(() => undefined);
    await tell();
    break;
  case "idle":
    await new Promise((resolve) => setTimeout(resolve, ms));
    await tell();
    break;
  default:
    await tell();
}

/** Calls, and says what comes of it. */
async function tell(): Promise<void> {
  try {
    await collective.barrier();
    parentPort?.postMessage({ done: true });
  } catch (error) {
    const { code, rank, message } = error as RankError;
    parentPort?.postMessage({ code, rank, message });
  }
}
