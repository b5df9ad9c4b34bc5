import { joinNats } from "../../src/adapters/nats/index.ts";
import { RankError } from "../../src/errors.ts";
import { exercise } from "../collectives/exercise.ts";
import { connect, wsconnect } from "./packages.ts";

// A rank of a run, in a process of its own: node rank-process.js URL GROUP RANK SIZE TASK. A line for
// each thing that it has done, as JSON.

const [url, group, rank, size, task] = process.argv.slice(2);
const say = (done: unknown) => process.stdout.write(`${JSON.stringify(done)}\n`);

const connection = await (url.startsWith("ws:") ? wsconnect : connect)({ servers: url });
try {
  const collective = await joinNats(connection, {
    group,
    rank: Number(rank),
    size: Number(size),
    timeout: 3000,
    joinTimeout: 20_000,
  });
  say("joined");
  if (task === "exercise") {
    for (const seed of [1, 2, 3]) say(await exercise(collective, seed));
    say(await exercise(collective, 4, { calls: 4, elements: 600_000 }));
  } else if (task === "busy") {
    // Its thread is busy, while the others send all that they may.
    if (rank === "1") {
      const end = performance.now() + 2000;
      while (performance.now() < end);
    }
    const parts = Array.from({ length: Number(size) }, () => new Uint8Array(16 * 2 ** 20));
    parts[Number(rank)].fill(Number(rank) + 1);
    await collective.allGather(parts);
    say(parts.map((part) => [part[0], part[part.length - 1]]));
  } else {
    const bytes = Array.from({ length: Number(size) }, () => new Uint8Array(500_000));
    for (;;) await collective.allGather(bytes);
  }
  await collective.close();
  say("closed");
} catch (error) {
  if (!(error instanceof RankError)) throw error;
  say([error.code, error.rank, error.message]);
}
await connection.close();
