import { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { joinLocal, type LocalRank, localRanks } from "../src/collectives/index.ts";
import { exercise, expectedDigest } from "./collectives/exercise.ts";
import type { Fate, RankWorkerData } from "./collectives/rank-worker.ts";
import { busy, fails, failure } from "./collectives/ranks.ts";

// Ranks in worker threads: this one is rank 0, and the last one meets its fate.

const test = suite("collectives-local-workers");

const SEED = 21;
const FILE = new URL("./collectives/rank-worker.js", import.meta.url);

type Said = Record<string, unknown>;

function start(handle: LocalRank, fate: Fate, ms = 0) {
  const workerData: RankWorkerData = { handle, seed: SEED, fate, ms };
  const worker = new Worker(FILE, { workerData, transferList: handle.ports, execArgv: [] });
  const said: Said[] = [];
  worker.on("message", (message: Said) => said.push(message));
  const error = new Promise<Error>((resolve) => worker.on("error", resolve));
  const ended = new Promise((resolve) => worker.on("exit", resolve));
  return { worker, said, error, ended };
}

/** Three ranks that have done all calls together; then the last does as it is told. */
async function group(timeout: number, fate: Fate, ms = 0) {
  const [own, middle, last] = localRanks(3, { timeout });
  const workers = [start(middle, "call"), start(last, fate, ms)] as const;
  const collective = await joinLocal(own);
  await collective.barrier();
  assert.is(await exercise(collective, SEED), expectedDigest(SEED, 0, 3));
  return { collective, workers };
}

test("workers come to the digests of plain loops", async () => {
  const { collective, workers } = await group(20_000, "call");
  await collective.barrier();
  await Promise.all(workers.map(({ ended }) => ended));
  workers.forEach(({ said }, i) => {
    assert.equal(said, [{ digest: expectedDigest(SEED, i + 1, 3) }, { done: true }]);
  });
  await collective.close();
});

for (const fate of ["exit", "throw", "return"] as const) {
  test(`a worker that ends by ${fate} is lost to all others at once`, async () => {
    const { collective, workers } = await group(60_000, fate);
    const start = performance.now();
    await fails(collective.barrier(), "RANK_LOST", 2, /^rank 2: its thread has ended$/);
    await fails(collective.allReduce(new Float64Array(1), "fast"), "RANK_LOST", 2, /^rank 2: /);
    await Promise.all(workers.map(({ ended }) => ended));
    const { code, rank } = workers[0].said[1];
    assert.equal([code, rank], ["RANK_LOST", 2]);
    assert.ok(performance.now() - start < 30_000);
    if (fate === "throw") assert.match((await workers[1].error).message, /a mistake/);
    await collective.close();
  });
}

test("a worker that is terminated in the middle is lost to all others at once", async () => {
  const { collective, workers } = await group(60_000, "idle", 50_000);
  const call = failure(collective.barrier());
  await workers[1].worker.terminate();
  assert.equal([(await call).code, (await call).rank], ["RANK_LOST", 2]);
  await workers[0].ended;
  assert.is(workers[0].said[1].rank, 2);
  await collective.close();
});

test("a worker that closes has left: others that need it hear so", async () => {
  const { collective, workers } = await group(60_000, "close");
  await fails(collective.barrier(), "RANK_LOST", 2, /^rank 2: .*goodbye/);
  await workers[0].ended;
  assert.equal(workers[0].said[1].rank, 2);
  await collective.close();
});

test("a worker that hangs longer than the timeout is lost, also to itself", async () => {
  const { collective, workers } = await group(1500, "hang", 7000);
  const start = performance.now();
  await fails(collective.barrier(), "RANK_LOST", 2, /^rank 2: .*none for 1500 ms$/);
  assert.ok(performance.now() - start < 6000, "before it came back");
  await Promise.all(workers.map(({ ended }) => ended));
  for (const { said } of workers) {
    assert.equal([said[1].code, said[1].rank], ["RANK_LOST", 2]);
    assert.match(String(said[1].message), /none for 1500 ms/);
  }
  await collective.close();
});

test("a thread that was busy blames nobody: what has come meanwhile counts", async () => {
  // Longer than the timeout; the workers have what they need from it before.
  const { collective, workers } = await group(1500, "idle", 1000);
  const call = collective.barrier();
  busy(5000);
  await call;
  await Promise.all(workers.map(({ ended }) => ended));
  workers.forEach(({ said }) => {
    assert.equal(said[1], { done: true });
  });
  await collective.close();
});

test("ranks that only wait keep each other waiting, however long", async () => {
  const { collective, workers } = await group(1000, "idle", 4000);
  await collective.barrier();
  await Promise.all(workers.map(({ ended }) => ended));
  const { code, message } = await failure(collective.barrier());
  assert.is(code, "RANK_LOST");
  assert.match(message, /^rank [12]: its thread has ended$/);
  await collective.close();
});

test.run();
