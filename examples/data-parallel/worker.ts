import { workerData } from "node:worker_threads";
import { joinLocal } from "ashlar/sharded";
import type { WorkerData } from "./local.ts";
import { readTask } from "./read-task.ts";
import { trainRank } from "./train-rank.ts";

// A rank of `local.ts`, in a thread of its own.

const { handle, plan } = workerData as WorkerData;
const collective = await joinLocal(handle);
try {
  await trainRank(collective, readTask(), plan, () => {});
} finally {
  await collective.close();
}
