import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Announcement, encode } from "../src/adapters/nats/announcement.ts";
import { joinNats, type NatsOptions } from "../src/adapters/nats/index.ts";
import { RankError } from "../src/errors.ts";
import { FakeServer } from "./nats/fake-server.ts";
import { closeAll, joinAll } from "./nats/ranks.ts";
import { rejection } from "./reference/rejection.ts";

// How ranks find one another: over a server in memory.

const test = suite("joinNats: joining");

const SUBJECT = "ashlar.fake.join";
const MEMBER = "0123456789abcdef";

const join = (server: FakeServer, rank: number, size: number, options: Partial<NatsOptions> = {}) =>
  joinNats(server.connect(), { group: "fake", rank, size, ...options });

async function refused(joining: Promise<unknown>): Promise<RankError> {
  const error = await rejection(joining);
  assert.instance(error, RankError);
  return error as RankError;
}

/** Publishes what no rank of these tests says. */
function announce(server: FakeServer, said: Partial<Announcement> | object | string): void {
  const text = typeof said === "string" ? said : JSON.stringify(said);
  server.connect().publish(SUBJECT, new TextEncoder().encode(text));
}

const member = (said: Partial<Announcement>) => {
  const known = { rank: 1, size: 2, member: MEMBER, since: 0, largest: 5000 };
  return { ...known, members: null, running: false, ...said };
};
const bytesOf = (said: Announcement) => JSON.parse(new TextDecoder().decode(encode(said)));

test("all that come at once", async () => {
  const server = new FakeServer();
  const ranks = await joinAll(server, 4);
  assert.equal(
    ranks.map(({ collective: { rank, size } }) => [rank, size]),
    [0, 1, 2, 3].map((rank) => [rank, 4]),
  );
  const bytes = ranks.map((_, rank) => Uint8Array.of(rank === 2 ? 77 : 0));
  await Promise.all(ranks.map(({ collective }, rank) => collective.broadcast(bytes[rank], 2)));
  assert.equal(bytes, new Array(4).fill(Uint8Array.of(77)));
  await closeAll(ranks);
});

test("alone", async () => {
  const server = new FakeServer();
  const [{ collective, connection }] = await joinAll(server, 1);
  await collective.barrier();
  await collective.close();
  await collective.close();
  assert.is(connection.subscriptions, 0);
});

test("one that comes late, and the highest rank first", async () => {
  const server = new FakeServer();
  const joining = [2, 1].map((rank) => join(server, rank, 3));
  await delay(300);
  const all = await Promise.all([...joining, join(server, 0, 3)]);
  await Promise.all(all.map((collective) => collective.barrier()));
  await Promise.all(all.map((collective) => collective.close()));
});

test("nothing is left behind on the connection", async () => {
  const ranks = await joinAll(new FakeServer(), 2);
  await closeAll(ranks);
  for (const { connection } of ranks) {
    assert.is(connection.subscriptions, 0);
    // It stops to follow the connection at the next word of it.
    connection.tell({ type: "ping" });
    await delay(5);
    assert.is(connection.followers, 0);
  }
});

test("the same group again: other subjects than before", async () => {
  const server = new FakeServer();
  await closeAll(await joinAll(server, 2));
  const first = new Set(server.log.map(({ subject }) => subject));
  server.log.length = 0;
  await closeAll(await joinAll(server, 2));
  const shared = server.log.filter(({ subject }) => first.has(subject));
  assert.equal([...new Set(shared.map(({ subject }) => subject))], [SUBJECT]);
});

test("beside an earlier run that has not noticed its end", async () => {
  const server = new FakeServer();
  const [first, second] = await joinAll(server, 2);
  await first.collective.close();
  // Rank 0 comes again, with two others; rank 1 still is of the first run.
  const joining = [0, 2].map((rank) => join(server, rank, 3));
  await delay(250);
  await second.collective.close();
  const all = await Promise.all([...joining, join(server, 1, 3)]);
  await Promise.all(all.map((collective) => collective.barrier()));
  await Promise.all(all.map((collective) => collective.close()));
});

test("ranks that do not come", async () => {
  const server = new FakeServer();
  const [zero, three] = await Promise.all(
    [0, 3].map((rank) => refused(join(server, rank, 4, { joinTimeout: 300 }))),
  );
  for (const error of [zero, three]) {
    assert.equal([error.code, error.rank], ["RANK_LOST", 1]);
    assert.is(error.message, 'group "fake": ranks 1, 2 not there after 300 ms');
  }
  for (const connection of server.connections) assert.is(connection.subscriptions, 0);
});

test("a rank that is there, and does not know of all", async () => {
  const server = new FakeServer();
  const joining = refused(join(server, 0, 2, { joinTimeout: 100 }));
  announce(server, bytesOf(member({})));
  const error = await joining;
  assert.equal([error.code, error.rank], ["RANK_LOST", 1]);
  const message = 'group "fake": rank 1 there, but not aware of all others after 100 ms';
  assert.is(error.message, message);
});

test("another size: both are told", async () => {
  const server = new FakeServer();
  const [two, three] = await Promise.all([
    refused(join(server, 0, 2)),
    refused(join(server, 1, 3)),
  ]);
  assert.equal([two.code, two.rank], ["RANKS_DIFFER", 1]);
  assert.is(two.message, '"size" of rank 1 in group "fake": expected 2, got 3');
  assert.is(three.message, '"size" of rank 0 in group "fake": expected 3, got 2');
});

test("another size, and one that came before the other listened", async () => {
  const server = new FakeServer();
  const first = refused(join(server, 0, 2));
  await delay(50);
  const second = refused(join(server, 1, 3));
  assert.equal([(await first).rank, (await second).rank], [1, 0]);
});

test("another version", async () => {
  const server = new FakeServer();
  const joining = refused(join(server, 0, 2));
  announce(server, { protocol: 2, whatever: true });
  const error = await joining;
  assert.equal([error.code, error.rank], ["RANKS_DIFFER", null]);
  assert.is(error.message, '"protocol" of another rank in group "fake": expected 1, got 2');
});

test("a rank twice, while others are awaited: the later one goes", async () => {
  const server = new FakeServer();
  const first = join(server, 1, 2);
  await delay(20);
  const error = await refused(join(server, 1, 2));
  assert.equal([error.code, error.rank], ["RANKS_DIFFER", 1]);
  assert.is(
    error.message,
    '"rank" of joinNats in group "fake": expected one that nobody else has, got 1',
  );
  const all = await Promise.all([first, join(server, 0, 2)]);
  await Promise.all(all.map((collective) => collective.close()));
});

test("a rank twice at the same moment: the names decide", async () => {
  const { now } = Date;
  Date.now = () => 1000;
  try {
    const server = new FakeServer();
    const twins = [0, 1].map(() => refused(join(server, 1, 2, { joinTimeout: 400 })));
    const errors = await Promise.all(twins);
    assert.equal(errors.map(({ code, rank }) => `${code} ${rank}`).sort(), [
      "RANKS_DIFFER 1",
      "RANK_LOST 0",
    ]);
  } finally {
    Date.now = now;
  }
});

test("a rank twice, in a run: the run goes on", async () => {
  const server = new FakeServer();
  const ranks = await joinAll(server, 2);
  // However early it says that it came.
  const { now } = Date;
  Date.now = () => 0;
  const joining = refused(join(server, 1, 2, { joinTimeout: 5000 }));
  Date.now = now;
  const error = await joining;
  assert.equal([error.code, error.rank], ["RANKS_DIFFER", 1]);
  await Promise.all(ranks.map(({ collective }) => collective.barrier()));
  await closeAll(ranks);
});

test("one that died while it joined gives way", async () => {
  const server = new FakeServer();
  const joining = join(server, 0, 3);
  announce(server, bytesOf(member({ size: 3 })));
  await delay(2100);
  const all = await Promise.all([joining, join(server, 1, 3), join(server, 2, 3)]);
  await Promise.all(all.map((collective) => collective.barrier()));
  await Promise.all(all.map((collective) => collective.close()));
});

test("one that comes a moment after another of its rank is not taken for it", async () => {
  const server = new FakeServer();
  const joining = refused(join(server, 0, 3, { joinTimeout: 400 }));
  announce(server, bytesOf(member({ size: 3 })));
  const others = [1, 2].map((rank) => refused(join(server, rank, 3, { joinTimeout: 400 })));
  const errors = [await joining, ...(await Promise.all(others))];
  assert.equal(
    errors.map(({ code }) => code),
    ["RANK_LOST", "RANKS_DIFFER", "RANK_LOST"],
  );
});

test("one that comes when all are known is not taken for one of them", async () => {
  const server = new FakeServer();
  const joining = refused(join(server, 0, 2, { joinTimeout: 300 }));
  announce(server, bytesOf(member({})));
  announce(server, bytesOf(member({ member: "f".repeat(16) })));
  const error = await joining;
  assert.match(error.message, /rank 1 there, but not aware of all others/);
});

test("one that has missed that all are ready hears it again", async () => {
  const server = new FakeServer();
  let dropped = 0;
  // Only the last announcement of a rank says this; a first one of each is lost on its way.
  server.drops = (subject) => {
    const { data } = server.log[server.log.length - 1];
    if (subject !== SUBJECT || !new TextDecoder().decode(data).includes(`"members":[`))
      return false;
    return dropped++ < 4;
  };
  const ranks = await joinAll(server, 2);
  assert.ok(dropped >= 4);
  await closeAll(ranks);
});

test("what is no announcement is passed over", async () => {
  const server = new FakeServer();
  const joining = joinAll(server, 2);
  const said = bytesOf(member({}) as Announcement);
  const wrong = [
    ...["", "{", "null", "[]", "7", '"protocol"', "{}", '{"protocol":"1"}', '{"protocol":-1}'],
    ...[{ size: 0 }, { size: 1.5 }, { rank: 2 }, { rank: -1 }, { rank: "1" }, { largest: 0 }],
    ...[{ since: "now" }, { since: -1 }, { member: 5 }, { member: "a.>" }, { running: "no" }],
    ...[{ running: true }, { members: [] }, { members: [MEMBER, "*"] }, { members: "both" }],
  ];
  for (const change of wrong) {
    announce(server, typeof change === "string" ? change : { ...said, ...change });
  }
  await closeAll(await joining);
});

test("the smallest of the servers' limits holds for all", async () => {
  const server = new FakeServer();
  const joining = refused(join(server, 0, 2, { joinTimeout: 1000 }));
  await delay(20);
  // Not less than a message needs.
  announce(server, bytesOf(member({ largest: 1023 })));
  const error = await joining;
  assert.match(error.message, /rank 1 not there/);
});

test("a connection that is interrupted while ranks are awaited", async () => {
  const server = new FakeServer();
  const connection = server.connect();
  const joining = refused(joinNats(connection, { group: "fake", rank: 0, size: 2 }));
  connection.tell({ type: "disconnect" });
  const error = await joining;
  assert.equal([error.code, error.rank], ["RANK_LOST", null]);
  assert.match(error.message, /^the connection to the NATS server was interrupted/);
  assert.is(connection.subscriptions, 0);
});

test("a subject that the server refuses", async () => {
  const server = new FakeServer();
  const connection = server.connect();
  const joining = refused(joinNats(connection, { group: "fake", rank: 0, size: 2 }));
  connection.tell({ type: "error", error: { message: "another's matter" } });
  connection.refuse(SUBJECT);
  const error = await joining;
  assert.equal([error.code, error.rank], ["RANK_LOST", null]);
  assert.is(
    error.message,
    `the NATS server refuses: Permissions Violation for Subscription to "${SUBJECT}"`,
  );
});

test("a connection that closes at once", async () => {
  const server = new FakeServer();
  const connection = server.connect();
  connection.publish = () => {
    throw new Error("closed connection");
  };
  const error = await refused(joinNats(connection, { group: "fake", rank: 0, size: 2 }));
  assert.equal([error.code, error.rank], ["RANK_LOST", null]);
  assert.is(error.message, "the connection to the NATS server is of no use: closed connection");
});

test.run();
