import { type Transferable, Worker } from "node:worker_threads";
import { localRanks } from "../../src/sharded/index.ts";
import type { Job } from "./task.ts";

// Ranks as threads of this process: node local.js JOB REPORTS SIZE.

const [job, reports, size] = process.argv.slice(2);
const { timeout } = JSON.parse(job) as Job;
for (const handle of localRanks(Number(size), { timeout })) {
  new Worker(new URL("./local-worker.js", import.meta.url), {
    workerData: { handle, job: JSON.parse(job), reports },
    // Node's own, by another name than the browser's.
    transferList: handle.ports as unknown as Transferable[],
  });
}
