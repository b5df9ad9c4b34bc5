import { type Transferable, Worker } from "node:worker_threads";
import { joinLocal, type LocalRank, localRanks } from "ashlar/sharded";
import type { OnStep, Outcome } from "./outcome.ts";
import { readTask } from "./read-task.ts";
import type { Plan } from "./task.ts";
import { trainRank } from "./train-rank.ts";

/** What a worker is given. */
export interface WorkerData {
  readonly handle: LocalRank;
  readonly plan: Plan;
}

/** Trains on ranks of this process: rank 0 is this thread, each other one a worker. */
export async function trainLocal(plan: Plan, ranks: number, onStep: OnStep): Promise<Outcome> {
  const [own, ...others] = localRanks(ranks);
  const workers = others.map((handle) => startWorker({ handle, plan }));
  const collective = await joinLocal(own);
  try {
    const training = trainRank(collective, readTask(), plan, onStep);
    // A worker that fails says why; the others only that it is lost.
    const [outcome] = await Promise.all([training, ...workers]);
    return outcome;
  } finally {
    await collective.close();
  }
}

/** Resolves when the worker has done its part. */
function startWorker(workerData: WorkerData): Promise<void> {
  const worker = new Worker(new URL("./worker.js", import.meta.url), {
    workerData,
    // Node's own, by another name than the browser's.
    transferList: workerData.handle.ports as unknown as Transferable[],
  });
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", () => resolve());
  });
}
