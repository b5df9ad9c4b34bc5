import { suite } from "uvu";
import * as assert from "uvu/assert";
import { joinNats } from "../src/adapters/nats/index.ts";
import type { RankError } from "../src/errors.ts";
import { conformance } from "./collectives/conformance.ts";
import { FakeServer } from "./nats/fake-server.ts";
import { closeAll, joinAll } from "./nats/ranks.ts";
import { rejection } from "./reference/rejection.ts";

// The Collective of joinNats, over a server in memory; nats-server.test.ts has real ones.

const test = suite("joinNats: the collective");

conformance(
  test,
  async (size) => (await joinAll(new FakeServer(), size)).map(({ collective }) => collective),
  [1, 2, 3, 4],
);

test("servers of small and of large messages", async () => {
  for (const maxPayload of [1032, 65_536, 8_388_608]) {
    const ranks = await joinAll(new FakeServer(maxPayload), 3);
    const bytes = ranks.map(({ collective }) => new Uint8Array(100_001).fill(collective.rank + 1));
    await Promise.all(ranks.map(({ collective }, rank) => collective.broadcast(bytes[rank], 1)));
    for (const range of bytes) assert.ok(range.every((byte) => byte === 2));
    await closeAll(ranks);
  }
});

test("ranks whose servers take messages of different sizes", async () => {
  const server = new FakeServer(65_536);
  const small = server.connect();
  Object.defineProperty(small, "info", { value: { max_payload: 2000 } });
  const joining = [small, server.connect()].map((connection, rank) =>
    joinNats(connection, { group: "fake", rank, size: 2 }),
  );
  const all = await Promise.all(joining);
  server.log.length = 0;
  const bytes = all.map(() => new Uint8Array(10_000));
  await Promise.all(all.map((collective, rank) => collective.broadcast(bytes[rank], 1)));
  assert.is(Math.max(...server.log.map(({ data }) => data.length)), 2000);
  await Promise.all(all.map((collective) => collective.close()));
});

async function outcomes(calls: readonly Promise<unknown>[]) {
  // A connection would keep this process alive.
  const socket = setInterval(() => {}, 1000);
  const errors = await Promise.all(calls.map((call) => rejection(call)));
  clearInterval(socket);
  return errors.map((error) => [(error as RankError).code, (error as RankError).rank]);
}

test("a rank that vanishes ends the calls of all others, with its number", async () => {
  const ranks = await joinAll(new FakeServer(), 4, { timeout: 300 });
  const others = [0, 1, 3].map((rank) => ranks[rank].collective);
  ranks[2].connection.vanish();
  const bytes = others.map(() => Array.from({ length: 4 }, () => new Uint8Array(1000)));
  assert.equal(
    await outcomes(others.map((collective, i) => collective.allGather(bytes[i]))),
    new Array(3).fill(["RANK_LOST", 2]),
  );
  assert.equal(
    await outcomes(others.map((collective) => collective.barrier())),
    new Array(3).fill(["RANK_LOST", 2]),
  );
  await closeAll(ranks);
});

test("a rank whose connection is interrupted is lost to the others, and the others to it", async () => {
  const ranks = await joinAll(new FakeServer(), 3, { timeout: 300 });
  const calls = ranks.map(({ collective }) => collective.allReduce(new Float64Array(3), "ordered"));
  await Promise.all(calls);
  ranks[1].connection.tell({ type: "disconnect" });
  await new Promise((resolve) => setTimeout(resolve, 5));
  const barriers = ranks.map(({ collective }) => collective.barrier());
  assert.equal(await outcomes(barriers), [
    ["RANK_LOST", 1],
    ["RANK_LOST", null],
    ["RANK_LOST", 1],
  ]);
  await closeAll(ranks);
});

test("a rank that has left", async () => {
  const ranks = await joinAll(new FakeServer(), 3);
  await ranks[0].collective.close();
  const barriers = [1, 2].map((rank) => ranks[rank].collective.barrier());
  assert.equal(await outcomes(barriers), new Array(2).fill(["RANK_LOST", 0]));
  await closeAll(ranks);
});

test.run();
