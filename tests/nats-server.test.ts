import { suite } from "uvu";
import * as assert from "uvu/assert";
import { joinNats, type NatsOptions } from "../src/adapters/nats/index.ts";
import type { RankError } from "../src/errors.ts";
import { conformance } from "./collectives/conformance.ts";
import { expectedDigests } from "./collectives/exercise.ts";
import { type Connection, connect } from "./nats/packages.ts";
import { startRank } from "./nats/processes.ts";
import {
  binary,
  findNatsServer,
  NOT_FOUND,
  type Server,
  startNatsServer,
  titled,
  withServer,
} from "./nats/server.ts";
import { rejection } from "./reference/rejection.ts";

// Ranks over real nats-servers, as processes and as connections of this one.

const test = suite(titled("nats-server"));
const served = binary === undefined ? test.skip : test;

let groups = 0;
const nextGroup = () => `test-${process.pid}-${groups++}`;

const join = (connection: Connection, options: Partial<NatsOptions>) =>
  joinNats(connection, { group: "g", rank: 0, size: 1, timeout: 3000, ...options });

for (const maxPayload of [65_536, 1_048_576]) {
  served(`processes, two by TCP and one by websocket, messages of ${maxPayload} bytes`, () =>
    withServer({ maxPayload }, async ({ url, websocketUrl }) => {
      const group = nextGroup();
      const urls = [url, websocketUrl, url];
      const ranks = urls.map((each, rank) => startRank(each, group, rank, 3, "exercise"));
      const expected = [1, 2, 3].map((seed) => expectedDigests(seed, 3));
      expected.push(expectedDigests(4, 3, { calls: 4, elements: 600_000 }));
      for (const [rank, { ended }] of ranks.entries()) {
        const digests = expected.map((ofSeed) => ofSeed[rank]);
        assert.equal(await ended, ["joined", ...digests, "closed"]);
      }
    }),
  );
}

served("a rank that is busy while three send it 48 MB", () =>
  withServer({}, async ({ url }) => {
    const group = nextGroup();
    const ranks = [0, 1, 2, 3].map((rank) => startRank(url, group, rank, 4, "busy"));
    const ends = [1, 2, 3, 4].map((byte) => [byte, byte]);
    for (const { ended } of ranks) assert.equal(await ended, ["joined", ends, "closed"]);
  }),
);

served("a rank that is killed: all others name it", () =>
  withServer({}, async ({ url, websocketUrl }) => {
    const group = nextGroup();
    const urls = [url, url, url, websocketUrl];
    const ranks = urls.map((each, rank) => startRank(each, group, rank, 4, "for ever"));
    await Promise.all(ranks.map(({ heard }) => heard("joined")));
    await new Promise((wait) => setTimeout(wait, 300));
    ranks[2].child.kill("SIGKILL");
    for (const rank of [0, 1, 3]) {
      const [joined, error] = (await ranks[rank].ended) as [string, unknown[]];
      assert.equal([joined, ...error.slice(0, 2)], ["joined", "RANK_LOST", 2]);
    }
    await ranks[2].ended;
  }),
);

served("a server that ends: each rank is told", () =>
  withServer({}, async ({ url, stop }) => {
    const group = nextGroup();
    const ranks = await Promise.all(
      [0, 1].map(async (rank) => {
        const connection = await connect({ servers: url, reconnectTimeWait: 50 });
        return { connection, collective: await join(connection, { group, rank, size: 2 }) };
      }),
    );
    await Promise.all(ranks.map(({ collective }) => collective.barrier()));
    const calls = ranks.map(({ collective }, rank) =>
      rank === 0 ? rejection(collective.barrier()) : undefined,
    );
    await stop();
    const error = (await calls[0]) as RankError;
    assert.equal([error.code, error.rank], ["RANK_LOST", null]);
    assert.match(error.message, /the connection to the NATS server was interrupted/);
    for (const { collective, connection } of ranks) {
      await collective.close();
      await connection.close();
    }
  }),
);

served("a server that refuses a subject", async () => {
  const more = `authorization { users: [
    { user: "one", password: "p", permissions: { publish: ">", subscribe: "ashlar.other.>" } }
    { user: "two", password: "p", permissions: { publish: "ashlar.other.>", subscribe: ">" } }
  ] }`;
  await withServer({ more }, async ({ url }) => {
    for (const [user, operation] of Object.entries({ one: "Subscription", two: "Publish" })) {
      const connection = await connect({ servers: url, user, pass: "p" });
      const error = (await rejection(join(connection, { size: 2 }))) as RankError;
      assert.equal([error.code, error.rank], ["RANK_LOST", null]);
      const refusal = `the NATS server refuses: Permissions Violation for ${operation} to "ashlar.g.join"`;
      assert.is(error.message, refusal);
      await connection.close();
    }
  });
});

served("another member of the same rank, and another size", () =>
  withServer({}, async ({ url }) => {
    const connection = await connect({ servers: url });
    const joining = [0, 1].map((rank) => join(connection, { rank, size: 2 }));
    const ranks = await Promise.all(joining);
    const twin = (await rejection(join(connection, { rank: 1, size: 2 }))) as RankError;
    assert.equal([twin.code, twin.rank], ["RANKS_DIFFER", 1]);
    await Promise.all(ranks.map((collective) => collective.barrier()));
    await Promise.all(ranks.map((collective) => collective.close()));
    const [two, three] = await Promise.all(
      [2, 3].map((size) => rejection(join(connection, { rank: size - 2, size }))),
    );
    assert.is(two.message, '"size" of rank 1 in group "g": expected 2, got 3');
    assert.is(three.message, '"size" of rank 0 in group "g": expected 3, got 2');
    await connection.close();
  }),
);

if (binary !== undefined) {
  const opened: Connection[] = [];
  let server: Server;
  test.before(async () => {
    server = await startNatsServer(binary as string);
  });
  conformance(
    test,
    (size) => {
      const group = nextGroup();
      return Promise.all(
        Array.from({ length: size }, async (_, rank) => {
          const connection = await connect({ servers: server.url });
          opened.push(connection);
          return join(connection, { group, rank, size });
        }),
      );
    },
    [3],
  );
  test.after(async () => {
    for (const connection of opened) await connection.close();
    await server.stop();
  });
}

test("no server is said so", () => {
  assert.is(findNatsServer({ candidates: ["/no/such/nats-server"] }), undefined);
  assert.match(NOT_FOUND, /^not run: nats-server not found \(apt-get install nats-server\)$/);
});

served("a server that does not start says why", async () => {
  const start = rejection(startNatsServer(binary as string, { more: "nonsense {" }));
  assert.match((await start).message, /did not start: .*Parse error/);
});

test.run();
