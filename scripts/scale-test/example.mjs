// The example once, on each engine, beside one process.

import { digestAlone, startLocal, startMpi, startNode } from "../data-parallel/processes.mjs";
import { openRankPage } from "../data-parallel/rank-page.mjs";
import { openExampleSite } from "../data-parallel/site.mjs";
import { findBrowsers } from "../find-browsers.mjs";
import { findMpi } from "../find-mpi.mjs";
import { findNatsServer, startNatsServer } from "../find-nats-server.mjs";

const LIMIT_MS = 180_000;

/** @typedef {import("./tally.mjs").Tally} Tally */

/** Two processes and a page. @param {string} steps @returns {Promise<string[]>} digests */
async function natsAndPage(steps) {
  const browser = findBrowsers().find((found) => found.binary !== undefined);
  const binary = findNatsServer();
  if (binary === undefined || browser === undefined) throw new Error("the engine is gone");
  const server = await startNatsServer(binary);
  const site = await openExampleSite();
  const common = { group: "example", ranks: 3, steps };
  const nodes = [0, 1].map((rank) => startNode({ server: server.url, rank, ...common }));
  /** @type {import("../data-parallel/rank-page.mjs").RankPage | undefined} */
  let page;
  try {
    const parameters = { server: server.websocketUrl, rank: 2, ...common };
    page = await openRankPage(browser, site.address(parameters), LIMIT_MS);
    const outcomes = await Promise.all(nodes.map(({ outcome }) => outcome));
    const ended = await page.ended();
    if (page.complaints.length > 0) throw new Error(`the page: ${page.complaints.join("; ")}`);
    return [
      ...outcomes.map(({ digest }) => digest),
      ended.state === "done" ? ended.digest : ended.text,
    ];
  } finally {
    for (const node of nodes) node.kill();
    await page?.close();
    site.close();
    await server.stop();
  }
}

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
  if (has("nats + page")) await run("NATS, 2 processes and a page", 3, () => natsAndPage(steps));
}
