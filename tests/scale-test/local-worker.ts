import { workerData } from "node:worker_threads";
import { joinLocal, type LocalRank } from "../../src/sharded/index.ts";
import { doJob } from "./process-rank.ts";
import type { Job } from "./task.ts";

// A rank of `local.ts`. In a thread, process.exit ends the thread, and nothing after it runs.

const { handle, job, reports } = workerData as { handle: LocalRank; job: Job; reports: string };
const collective = await joinLocal(handle);
await doJob(collective, job, { reports, kill: () => process.exit() });
await collective.close();
