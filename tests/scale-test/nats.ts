import { connect } from "@nats-io/transport-node";
import { joinNats } from "../../src/adapters/nats/index.ts";
import { doJob } from "./process-rank.ts";
import type { Job } from "./task.ts";

// A rank over NATS: node nats.js JOB REPORTS URL GROUP RANK SIZE.

const [job, reports, servers, group, rank, size] = process.argv.slice(2);
const { timeout, ...rest } = JSON.parse(job) as Job;
const connection = await connect({ servers });
const collective = await joinNats(connection, {
  ...{ group, timeout },
  rank: Number(rank),
  size: Number(size),
});
await doJob(
  collective,
  { timeout, ...rest },
  {
    reports,
    kill: () => process.kill(process.pid, "SIGKILL"),
    wire: () => connection.stats().outBytes,
  },
);
await collective.close();
await connection.close();
