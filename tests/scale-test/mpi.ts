import { joinMpi } from "../../src/adapters/mpi/index.ts";
import { doJob } from "./process-rank.ts";
import type { Job } from "./task.ts";

// A rank of mpirun: node mpi.js JOB REPORTS.

const [job, reports] = process.argv.slice(2);
const { timeout, ...rest } = JSON.parse(job) as Job;
const collective = await joinMpi({ timeout });
const kill = () => process.kill(process.pid, "SIGKILL");
const done = await doJob(collective, { timeout, ...rest }, { reports, kill });
if (done.some(({ kind }) => kind === "lost")) process.exitCode = 1;
else await collective.close();
