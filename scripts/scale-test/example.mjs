// The example once, on each engine, beside one process.

import { digestAlone, startLocal, startMpi, startNode } from "../data-parallel/processes.mjs";
import { openRankPage } from "../data-parallel/rank-page.mjs";
import { openExampleSite } from "../data-parallel/site.mjs";
import { findBrowsers } from "../find-browsers.mjs";
import { findMpi } from "../find-mpi.mjs";
import { findNatsServer, startNatsServer } from "../find-nats-server.mjs";
import { untilStep } from "../web/drive.mjs";

const LIMIT_MS = 180_000;

/** @typedef {import("./tally.mjs").Tally} Tally */

/**
 * Two processes and a page, as long as something is done with them.
 * @template Result
 * @param {Record<string, string | number>} common  flags and parameters of all
 * @param {(page: import("../data-parallel/rank-page.mjs").RankPage,
 *   nodes: readonly import("../data-parallel/processes.mjs").Program[]) => Promise<Result>} act
 */
async function withPage(common, act) {
  const browser = findBrowsers().find((found) => found.binary !== undefined);
  const binary = findNatsServer();
  if (binary === undefined || browser === undefined) throw new Error("the engine is gone");
  const server = await startNatsServer(binary);
  const site = await openExampleSite();
  const all = { group: "example", ranks: 3, ...common };
  const nodes = [0, 1].map((rank) => startNode({ server: server.url, rank, ...all }));
  /** @type {import("../data-parallel/rank-page.mjs").RankPage | undefined} */
  let page;
  try {
    const parameters = { server: server.websocketUrl, rank: 2, ...all };
    page = await openRankPage(browser, site.address(parameters), LIMIT_MS);
    const result = await act(page, nodes);
    if (page.complaints.length > 0) throw new Error(`the page: ${page.complaints.join("; ")}`);
    return result;
  } finally {
    for (const node of nodes) node.kill();
    await page?.close();
    site.close();
    await server.stop();
  }
}

/** @param {string} steps @returns {Promise<string[]>} digests */
const natsAndPage = (steps) =>
  withPage({ steps }, async (page, nodes) => {
    const outcomes = await Promise.all(nodes.map(({ outcome }) => outcome));
    const ended = await page.ended();
    const last = ended.state === "done" ? ended.digest : ended.text;
    return [...outcomes.map(({ digest }) => digest), last];
  });

/** A process is killed: what the other one says, and what the page shows. @param {Tally} tally */
const showLoss = (tally) =>
  withPage({ steps: 1000, timeout: 6000 }, async (page, [other, victim]) => {
    await untilStep(page.page, 3);
    victim.kill();
    const ended = await page.ended();
    const what = "the example's page, of which a rank was killed";
    tally.same(`${what}: its title`, ended.state === "failed" && ended.title, "Rank 1 is lost");
    tally.same(`${what}: its code`, ended.state === "failed" && ended.code, "RANK_LOST");
    const said = await other.outcome.then(
      () => "it has come to its end",
      (/** @type {Error} */ error) => error.message,
    );
    tally.holds("the example's process, too", /rank 1/.test(said), said);
    if (ended.state === "failed") console.log(`  ${ended.title}: ${ended.text}`);
  });

/**
 * @param {readonly { name: string }[]} engines  those that are there
 * @param {string} steps
 * @param {Tally} tally
 */
export async function runExample(engines, steps, tally) {
  console.log(`\nexamples/data-parallel, ${steps} steps\n`);
  const has = (/** @type {string} */ name) => engines.some((engine) => engine.name === name);
  const { mpirun, flags } = findMpi();
  const digests = new Map();
  /** @param {string} what @param {number} ranks @param {() => Promise<string[]>} work */
  const run = (what, ranks, work) =>
    tally.attempt(`the example, ${what}`, async () => {
      if (!digests.has(ranks)) digests.set(ranks, await digestAlone(ranks, steps));
      const expected = digests.get(ranks);
      for (const digest of await work()) tally.same(`the example, ${what}`, digest, expected);
      console.log(`  ${what.padEnd(32)}${expected.slice(0, 12)}`);
    });
  /** @param {import("../data-parallel/processes.mjs").Program} program */
  const digestOf = async ({ outcome }) => [(await outcome).digest];
  if (has("threads")) await run("4 threads", 4, () => digestOf(startLocal(4, steps)));
  if (has("mpi") && mpirun) {
    await run("4 ranks of mpirun", 4, () =>
      digestOf(startMpi(mpirun, [...flags, "-n", "4"], steps)),
    );
  }
  if (has("nats + page")) {
    await run("NATS, 2 processes and a page", 3, () => natsAndPage(steps));
    await tally.attempt("the example's page sees a loss", () => showLoss(tally));
  }
}
