// 1 to 4 ranks on each engine: their digests, memory and bytes.

import { line } from "./tally.mjs";

/**
 * @typedef {import("./engines.mjs").Engine} Engine
 * @typedef {import("./tally.mjs").Tally} Tally
 * @typedef {import("../../tests/scale-test/task.ts").Done} Done
 * @typedef {{ engine: string, size: number, ranks: Done[] }} Row
 */

export const SIZES = [1, 2, 3, 4];
/** Milliseconds without a word after which a rank is lost. */
export const TIMEOUT = 20_000;
const WIDTHS = [12, 6, 6, 14, 22, 22];

/** @param {"exact" | "rounded"} problem @param {number} steps */
export const wholeRun = (problem, steps) => ({
  ...{ problem, steps, from: null, save: null, victim: null },
});

const short = (/** @type {string} */ digest) => digest.slice(0, 12);

/**
 * @param {readonly Engine[]} engines
 * @param {import("./alone.mjs").Expected} expected
 * @param {number} steps
 * @param {Tally} tally
 */
export async function runMatrix(engines, { exact, rounded }, steps, tally) {
  console.log(`\n${steps} steps of ranks that hold a shard each\n`);
  console.log(
    line(["", "ranks", "time", "exact sums", "sums in rank order", "one process"], WIDTHS),
  );
  const rows = /** @type {Row[]} */ ([]);
  for (const engine of engines) {
    for (const size of SIZES) {
      const what = `${engine.name}, ${size} ranks`;
      await tally.attempt(what, async () => {
        const start = performance.now();
        const tasks = [wholeRun("exact", steps), wholeRun("rounded", steps)];
        const { reports, said } = await engine.run({ tasks, timeout: TIMEOUT }, size);
        const [first, second] = [0, 1].map((task) =>
          reports.map((of) => {
            const report = of?.[task];
            if (report?.kind === "done") return report;
            throw new Error(report?.message ?? (said || "a rank has not come to its end"));
          }),
        );
        for (const { rank, digest } of first) {
          tally.same(`${what}: exact sums, rank ${rank}`, digest, exact);
        }
        for (const { rank, digest } of second) {
          tally.same(`${what}: sums in rank order, rank ${rank}`, digest, rounded[size]);
        }
        const mark = (/** @type {string} */ got, /** @type {string} */ wanted) =>
          `${short(got)} ${got === wanted ? "same" : "OTHER"}`;
        const seconds = `${((performance.now() - start) / 1000).toFixed(0)} s`;
        console.log(
          line(
            [
              ...[engine.name, `${size}`, seconds, short(first[0].digest)],
              ...[mark(second[0].digest, rounded[size]), short(rounded[size])],
            ],
            WIDTHS,
          ),
        );
        rows.push({ engine: engine.name, size, ranks: second });
      });
    }
  }
  return rows;
}
