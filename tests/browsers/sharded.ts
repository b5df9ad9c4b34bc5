import { joinLocal, localRanks, type RankError } from "../../src/sharded/index.ts";
import { courseGradients, makeSharded, RANKS } from "../engines/sharded-course.ts";
import { shardedDigests, startRank } from "../engines/sharded-threads.ts";
import { assertSame, type Found, type Result, rejection, resultOf } from "./result.ts";

const TIMEOUT_MS = 2000;
/** Beside the timeout and the fifth of it that may pass: for a busy machine. */
const SLACK_MS = 3000;
const STOPS_IN = 5;

/** A worker is ended when all have its gradients of a step, and none has written yet. */
async function losesRank(): Promise<Found> {
  const [own, ...others] = localRanks(RANKS, { timeout: TIMEOUT_MS });
  const threads = others.map((handle) => startRank(handle, STOPS_IN));
  const [witness, victim] = threads;
  // The timeout is not one for files to load.
  assertSame("joined", JSON.stringify(await witness.answer()), `{"joined":1}`);
  assertSame("joined", JSON.stringify(await victim.answer()), `{"joined":2}`);
  const collective = await joinLocal(own);
  const optimizer = await makeSharded(collective);
  const step = () => optimizer.step(courseGradients(optimizer.steps, 0));
  while (optimizer.steps < STOPS_IN) await step();
  const weights = () => optimizer.parameterNames.map((name) => optimizer.weights(name).join());
  const before = weights().join();
  // What the page hears while it waits for the answer must be caught.
  const failing = rejection("a step without a rank", step());
  assertSame("stopped", JSON.stringify(await victim.answer()), `{"stopped":${STOPS_IN}}`);
  const start = performance.now();
  victim.terminate();
  const { code, rank, message } = (await failing) as RankError;
  const ms = performance.now() - start;
  assertSame("code", code, "RANK_LOST");
  assertSame("rank", rank, RANKS - 1);
  assertSame(message, /^step 6: rank 2: .* Nothing was changed on this rank$/.test(message), true);
  assertSame(`told in time, not after ${ms} ms`, ms < 1.2 * TIMEOUT_MS + SLACK_MS, true);
  assertSame("steps", optimizer.steps, STOPS_IN);
  assertSame("the weights are those before", weights().join() === before, true);
  assertSame(
    "the other worker",
    JSON.stringify(await witness.answer()),
    JSON.stringify({ failed: "RANK_LOST", rank: RANKS - 1, steps: STOPS_IN }),
  );
  const later = (await rejection("a digest later", optimizer.digest())) as RankError;
  assertSame("later", later.rank, RANKS - 1);
  optimizer.dispose();
  await collective.close();
  witness.terminate();
  return { detail: `${message}; after ${ms.toFixed(0)} ms` };
}

/** ashlar/sharded with this thread and two workers as ranks. */
export async function run(): Promise<Result[]> {
  const results: Result[] = [];
  try {
    for (const [name, digest] of await shardedDigests()) {
      results.push({ name, digest, ok: true, detail: "" });
    }
  } catch (error) {
    results.push({ name: "three ranks", ok: false, detail: String(error) });
  }
  return [...results, await resultOf("a worker that is terminated", losesRank)];
}
