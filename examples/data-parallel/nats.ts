import { connect } from "@nats-io/transport-node";
import { joinNats } from "ashlar/nats";
import { FlagError, parseFlags, runCommand, whole } from "../common/command-line.ts";
import { type Flags, MOST_RANKS, PLAN_OPTIONS, PLAN_USAGE, readPlan } from "./flags.ts";
import { readTask } from "./read-task.ts";
import { printOutcome, printStart, stepPrinter, writeOutcome } from "./report.ts";
import { trainRank } from "./train-rank.ts";

const USAGE = `Fine-tunes VS Code's language detector as one of several ranks that meet on a NATS server.

  node dist/examples/data-parallel/nats.js --rank 0 --ranks 3 [options]

  --server URL   of nats-server (default nats://127.0.0.1:4222)
  --group NAME   name of the run, the same on all ranks (default language-detector)
  --rank R       this one, 0 to N - 1
  --ranks N      how many there are
  --timeout MS   after which a rank that says nothing is lost (default 30000)
${PLAN_USAGE}`;

interface NatsFlags extends Flags {
  readonly server: string;
  readonly group: string;
  readonly rank: number;
  readonly ranks: number;
  readonly timeout: number;
}

function readFlags(args: readonly string[]): NatsFlags {
  const values = parseFlags(args, {
    ...PLAN_OPTIONS,
    server: { type: "string", default: "nats://127.0.0.1:4222" },
    group: { type: "string", default: "language-detector" },
    rank: { type: "string", default: "" },
    ranks: { type: "string", default: "" },
    timeout: { type: "string", default: "30000" },
  });
  const plan = readPlan(values);
  const { server, group, help } = values;
  if (help) return { ...plan, server, group, rank: 0, ranks: 1, timeout: 1 };
  if (server === "") throw new FlagError("--server: expected a URL, got nothing");
  const ranks = whole("ranks", values.ranks, 1, MOST_RANKS);
  const rank = whole("rank", values.rank, 0, ranks - 1);
  const timeout = whole("timeout", values.timeout, 1, 2_147_483_647);
  return { ...plan, server, group, rank, ranks, timeout };
}

async function run(flags: NatsFlags): Promise<void> {
  const { server, group, rank, ranks: size, timeout, json } = flags;
  const connection = await connect({ servers: server });
  try {
    const collective = await joinNats(connection, { group, rank, size, timeout });
    try {
      printStart(`rank ${rank} of ${size}, joined by NATS`, size, flags);
      const outcome = await trainRank(collective, readTask(), flags, stepPrinter(flags));
      printOutcome(outcome);
      writeOutcome(json, outcome);
    } finally {
      await collective.close();
    }
  } finally {
    await connection.close();
  }
}

await runCommand("data-parallel", USAGE, readFlags, run);
