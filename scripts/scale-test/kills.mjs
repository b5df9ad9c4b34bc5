// A rank is killed in the middle of a step: what the others say, where they stand, and how the run
// goes on from the last checkpoint.

import { shardsAlone } from "./alone.mjs";
import { TIMEOUT, wholeRun } from "./matrix.mjs";

/**
 * @typedef {import("./engines.mjs").Engine} Engine
 * @typedef {import("./tally.mjs").Tally} Tally
 * @typedef {import("../../tests/scale-test/task.ts").Lost} Lost
 * @typedef {import("../../tests/scale-test/task.ts").Place} Place
 * @typedef {{ engine: string, place: Place, steps: number, rank: number, message: string,
 *   said: string }} Loss
 */

const RANKS = 3;
export const SAVED_AT = 100;
const STEP = 121;
const KILL_TIMEOUT = 8000;
/** A fifth more than the timeout, and a machine that has other things to do. */
const LATEST_MS = 1.2 * KILL_TIMEOUT + 3000;

/** Steps that survivors have done: where weights were on their way, every shard is updated. */
const DONE = { sums: STEP - 1, weights: STEP };

/** @param {Engine} engine @param {Place} place @param {number} steps @param {Tally} tally */
async function killOne(engine, place, steps, tally) {
  const { name, mortal, folder } = engine;
  const what = `${name}: rank ${mortal} killed while ${place} travel`;
  const victim = { rank: mortal, step: STEP, place };
  const tasks = [{ ...wholeRun("exact", steps), save: { at: SAVED_AT, folder }, victim }];
  const { reports, killedAt, said } = await engine.run({ tasks, timeout: KILL_TIMEOUT }, RANKS);
  tally.holds(`${what}: it was`, killedAt > 0 && reports[mortal] === null);
  const others = reports.flatMap((of, rank) =>
    rank === mortal ? [] : [{ rank, report: of?.[0] }],
  );
  const lost = /** @type {Lost[]} */ ([]);
  for (const { rank, report } of others) {
    if (report?.kind === "lost") lost.push(report);
    else tally.failed(`${what}: rank ${rank}`, report ? "it went on" : `it says nothing. ${said}`);
  }
  const shards = await shardsAlone(
    steps,
    lost.map((one) => ({ at: one.steps, owned: one.owned })),
  );
  for (const [i, one] of lost.entries()) {
    const who = `${what}: rank ${one.rank}`;
    tally.same(`${who}: its error`, one.code, "RANK_LOST");
    tally.same(`${who}: whom its error names`, one.about, mortal);
    tally.same(`${who}: its steps`, one.steps, DONE[place]);
    tally.same(
      `${who}: its weights are one process's after ${one.steps} steps`,
      one.shard,
      shards[i],
    );
    tally.holds(`${who}: a step that is tried again fails too`, one.again !== "");
    const waited = one.at - killedAt;
    tally.holds(`${who}: in time`, waited <= LATEST_MS, `it took ${waited} ms`);
    console.log(
      `  ${name}, rank ${one.rank}, after ${(waited / 1000).toFixed(1)} s: ${one.message}`,
    );
  }
  const [{ rank, steps: done, message }] =
    lost.length > 0 ? lost : [{ rank: -1, steps: -1, message: "" }];
  return { engine: name, place, steps: done, rank, message, said };
}

/**
 * Goes on from what was saved before the rank was lost.
 * @param {Engine} engine @param {number} size @param {number} steps @param {string} digest @param {Tally} tally
 */
async function resume(engine, size, steps, digest, tally) {
  const { name, folder: from } = engine;
  const what = `${name}: ${size} ranks go on from step ${SAVED_AT}`;
  const tasks = [{ ...wholeRun("exact", steps), from }];
  const { reports, said } = await engine.run({ tasks, timeout: TIMEOUT }, size);
  for (const [rank, of] of reports.entries()) {
    const report = of?.[0];
    if (report?.kind !== "done") {
      tally.failed(`${what}: rank ${rank}`, report?.message ?? (said || "it says nothing"));
      continue;
    }
    tally.same(`${what}: rank ${rank}: steps in the checkpoint`, report.loaded, SAVED_AT);
    tally.same(`${what}: rank ${rank}: the digest`, report.digest, digest);
    if (rank === 0) console.log(`  ${what}: ${report.digest.slice(0, 12)}`);
  }
}

/**
 * @param {readonly Engine[]} engines @param {number} steps @param {string} digest  of the whole run
 * @param {Tally} tally
 */
export async function runKills(engines, steps, digest, tally) {
  console.log(`\nOne of ${RANKS} ranks is killed in step ${STEP}\n`);
  const losses = /** @type {Loss[]} */ ([]);
  for (const engine of engines) {
    for (const place of /** @type {Place[]} */ (["weights", "sums"])) {
      await tally.attempt(`${engine.name}: killed while ${place} travel`, async () => {
        losses.push(await killOne(engine, place, steps, tally));
      });
    }
    const mpirun = losses.at(-1)?.said.trim();
    if (engine.name === "mpi" && mpirun) console.log(`  mpirun says:\n${indented(mpirun)}`);
    for (const size of [RANKS, RANKS - 1]) {
      await tally.attempt(`${engine.name}: ${size} ranks go on`, () =>
        resume(engine, size, steps, digest, tally),
      );
    }
  }
  return losses;
}

const indented = (/** @type {string} */ text) => text.replace(/^/gm, "    ");
