import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Collective } from "../src/collectives/collective.ts";
import type { RankError } from "../src/errors.ts";
import { fakeRanks, joinAll, type Rank } from "./mpi/fake-ranks.ts";
import { rejection } from "./reference/rejection.ts";

// How calls fail, and how ranks end, over a fake Open MPI.

const test = suite("mpi: ending");

const failed = (call: Promise<unknown>) => rejection(call) as Promise<RankError>;

/** Two joined ranks. */
async function pair(options: unknown = { timeout: 2000 }, hosts?: string[]) {
  const ranks = fakeRanks(2, hosts ? { hosts } : {});
  const [first, second] = await joinAll(ranks, options);
  return { ranks, first, second };
}

const parts = () => [new Uint8Array(1), new Uint8Array(2)];

test("arguments are refused before another rank hears of them", async () => {
  const [rank] = fakeRanks(1);
  const collective = await rank.join();
  rank.fake.log.length = 0;
  const one = Float32Array.of(1);
  const cases: readonly [() => Promise<void>, string][] = [
    [
      () => collective.allGather([]),
      '"parts" of allGather: expected 1 ranges, one for each rank, got 0',
    ],
    [
      () => collective.reduceScatter([one], one, "ordered"),
      '"into" of reduceScatter: expected a range apart from all parts, got one that overlaps parts[0]',
    ],
    [
      () => collective.reduceScatter([one], new Float32Array(1), "ring" as "fast"),
      '"reduction" of reduceScatter: expected "ordered" or "fast", got "ring"',
    ],
    [
      () => collective.allReduce(one as never, "fast"),
      '"values" of allReduce: expected a Float64Array, got Float32Array of length 1',
    ],
    [
      () => collective.broadcast(new Uint8Array(1), 1),
      '"root" of broadcast: expected a whole number from 0 to 0, got 1',
    ],
  ];
  for (const [call, message] of cases) assert.is((await failed(call())).message, message);
  assert.equal(rank.fake.log, []);
});

const DIFFERENT: readonly [string, (rank: Collective) => Promise<void>, string][] = [
  ["another call", (rank) => rank.barrier(), "barrier"],
  ["other lengths", (rank) => rank.allGather(parts().reverse()), "allGather of 3 bytes (cut "],
  [
    "another total",
    (rank) => rank.allGather([...parts().slice(1), ...parts().slice(1)]),
    "allGather of 4",
  ],
];
for (const [what, call, shown] of DIFFERENT) {
  test(`ranks that differ: ${what}`, async () => {
    const { first, second, ranks } = await pair();
    const errors = await Promise.all([failed(first.allGather(parts())), failed(call(second))]);
    assert.equal(
      errors.map(({ code, rank }) => [code, rank]),
      [
        ["RANKS_DIFFER", 1],
        ["RANKS_DIFFER", 0],
      ],
    );
    assert.ok(errors[0].message.startsWith(`rank 1 is at ${shown}`), errors[0].message);
    assert.match(errors[0].message, /, rank 0 at allGather of 3 bytes/);
    // Nobody knows any more where the others are.
    assert.is(await failed(first.barrier()), errors[0]);
    await Promise.all([first.close(), second.close()]);
    assert.ok(ranks.every(({ fake }) => fake.isFinalized));
  });
}

test("roots and reductions must agree too", async () => {
  const roots = await pair();
  const bytes = new Uint8Array(1);
  const [error] = await Promise.all([
    failed(roots.first.broadcast(bytes, 0)),
    failed(roots.second.broadcast(bytes, 1)),
  ]);
  assert.match(error.message, /broadcast of 1 bytes from rank 1, rank 0 at .* from rank 0\./);
  const sums = await pair();
  const values = new Float64Array(1);
  const [other] = await Promise.all([
    failed(sums.first.allReduce(values, "ordered")),
    failed(sums.second.allReduce(values, "fast")),
  ]);
  assert.is(other.code, "RANKS_DIFFER");
});

test("memory that grows while a call waits for its turn", async () => {
  const { first, second } = await pair();
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
  const own = [new Uint8Array(memory.buffer, 0, 1), new Uint8Array(memory.buffer, 1, 2)];
  const calls = [first.allGather(own), second.allGather(parts())].map(failed);
  memory.grow(1);
  const [mine, theirs] = await Promise.all(calls);
  assert.match(mine.message, /^the memory of a range has grown/);
  assert.equal([theirs.code, theirs.rank], ["RANK_LOST", 0]);
  assert.match(
    theirs.message,
    /^rank 0 gave up: its memory has grown, rank 1 is at allGather of 3/,
  );
});

test("an error of MPI ends all calls, with its text", async () => {
  const { first, ranks } = await pair();
  ranks[0].fake.failing.set("MPI_Allgather", 15);
  const error = await failed(first.barrier());
  assert.equal([error.code, error.rank], ["RANK_LOST", null]);
  assert.is(error.message, "MPI_Allgather failed: MPI_ERR 15");
  assert.is(await failed(first.barrier()), error);
});

test("so does one of a call that waits for nobody, and one of koffi's", async () => {
  const { first, second, ranks } = await pair();
  ranks[0].fake.failing.set("MPI_Irecv", 3);
  const calls = [first.allGather(parts()), second.allGather(parts())];
  void calls[1].catch(() => undefined);
  assert.is((await failed(calls[0])).message, "MPI_Irecv failed: MPI_ERR 3");

  const other = await pair();
  other.ranks[0].fake.failing.set("MPI_Allgather", new Error("no thread"));
  assert.is((await failed(other.first.barrier())).message, "MPI_Allgather failed: no thread");
});

test("a call that takes longer than the timeout ends, and names who is gone", async () => {
  const cases: readonly [
    gone: [number, string][],
    hosts: string[] | undefined,
    rank: number | null,
  ][] = [
    [[], undefined, null],
    [[[1, "ESRCH"]], undefined, 1],
    [[[1, "EPERM"]], undefined, null],
    [
      [
        [0, "ESRCH"],
        [1, "ESRCH"],
      ],
      undefined,
      null,
    ],
    [[[1, "ESRCH"]], ["node0", "node1"], null],
  ];
  for (const [gone, hosts, rank] of cases) {
    const { first, ranks } = await pair({ timeout: 20 }, hosts);
    for (const [other, code] of gone) ranks[0].process.gone.set(other, code);
    const error = await failed(first.barrier());
    assert.equal([error.code, error.rank], ["RANK_LOST", rank]);
    const who = rank === null ? "a rank does not answer" : "rank 1 is gone";
    assert.is(
      error.message,
      `MPI_Allgather: not done within the 20 ms of the option "timeout": ${who}`,
    );
  }
});

test("where processes do not see each other nobody is named", async () => {
  const ranks = fakeRanks(2);
  for (const { process } of ranks) process.gone.set(0, "ESRCH");
  const [first] = await joinAll(ranks, { timeout: 20 });
  ranks[0].process.gone.set(0, "EPERM");
  ranks[0].process.gone.set(1, "ESRCH");
  assert.is((await failed(first.barrier())).rank, null);
});

test("a call that is done while this thread is busy is not late", async () => {
  const { first, second } = await pair({ timeout: 100 });
  const calls = [first.barrier(), second.barrier()];
  await Promise.resolve();
  const start = Date.now();
  while (Date.now() - start < 300);
  await Promise.all(calls);
});

test("close: calls before it are done, those after it refused; closing again is fine", async () => {
  const { first, second, ranks } = await pair();
  const before = [first.barrier(), second.barrier()];
  await Promise.all([first.close(), second.close(), ...before]);
  await first.close();
  assert.is((await failed(first.barrier())).code as string, "DISPOSED");
  for (const { fake, process } of ranks) {
    assert.is(fake.log.filter((name) => name === "MPI_Finalize").length, 1);
    assert.equal(process.eventNames(), []);
  }
});

test("close while another rank is at a call: that one learns who left", async () => {
  const { first, second, ranks } = await pair();
  const [error] = await Promise.all([failed(first.barrier()), second.close()]);
  assert.equal([error.code, error.rank], ["RANK_LOST", 1]);
  assert.is(error.message, "rank 1 has left by close(), rank 0 is at barrier");
  await first.close();
  assert.ok(ranks.every(({ fake }) => fake.isFinalized));
});

test("close after a call that never returned leaves MPI to the end of the process", async () => {
  const { first, ranks } = await pair({ timeout: 20 });
  await failed(first.barrier());
  await first.close();
  const [{ fake, process }] = ranks;
  assert.not.ok(fake.isFinalized);
  process.emit("exit", 0);
  assert.is(fake.aborted, 1);
});

test("close where nobody else closes in time", async () => {
  const { first, ranks } = await pair({ timeout: 20 });
  await first.close();
  assert.not.ok(ranks[0].fake.isFinalized);
});

const exits: readonly [string, code: number, under: boolean, end: Partial<Rank["fake"]>][] = [
  ["well", 0, false, { isFinalized: true, aborted: null }],
  ["with an error", 3, false, { isFinalized: false, aborted: null }],
  ["with an error during a call", 3, true, { isFinalized: false, aborted: 3 }],
];
for (const [how, code, under, end] of exits) {
  test(`a process that ends ${how} without close`, async () => {
    const { first, ranks } = await pair();
    const [{ fake, process }] = ranks;
    if (under) void first.barrier().catch(() => undefined);
    await sleep(1);
    fake.log.length = 0;
    process.emit("exit", code);
    assert.equal({ isFinalized: fake.isFinalized, aborted: fake.aborted }, end);
    if (code === 0) assert.equal(fake.log, ["MPI_Allgather", "MPI_Finalize"]);
  });
}

test("a process that ends well after an error tells nobody of it", async () => {
  const { first, second, ranks } = await pair();
  await Promise.all([failed(first.barrier()), second.close()]);
  const [{ fake, process }] = ranks;
  fake.log.length = 0;
  process.emit("exit", 0);
  assert.equal(fake.log, ["MPI_Finalize"]);
});

test("SIGTERM ends the calls, names who is gone, and then the process", async () => {
  for (const gone of [1, null]) {
    const { first, ranks } = await pair();
    const [{ process }] = ranks;
    const call = failed(first.barrier());
    const next = failed(first.allGather(parts()));
    await sleep(1);
    if (gone !== null) process.gone.set(gone, "ESRCH");
    process.emit("SIGTERM");
    const error = await call;
    assert.equal([error.code, error.rank], ["RANK_LOST", gone]);
    const who = gone === null ? "mpirun's message names the rank" : "rank 1 is gone";
    assert.is(error.message, `mpirun ends the run (SIGTERM): ${who}`);
    assert.is(await next, error);
    assert.is(process.exited, null);
    await sleep(700);
    assert.is(process.exited, 143);
  }
});

test("a program that handles SIGTERM itself is left alone", async () => {
  const { first, second, ranks } = await pair();
  const [{ process }] = ranks;
  process.on("SIGTERM", () => undefined);
  process.emit("SIGTERM");
  await Promise.all([first.barrier(), second.barrier()]);
  await sleep(600);
  assert.is(process.exited, null);
});

test.run();
