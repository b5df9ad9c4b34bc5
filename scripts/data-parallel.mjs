// Runs examples/data-parallel over NATS: two Node processes, and a page as the third rank.
//
//   npm run build && node scripts/data-parallel.mjs [--headless] [--steps N] [--screenshot FILE]
//
// Starts nats-server, serves the page and prints its address: open it, and the run begins. The digest
// must be the one of one process with three micro-batches, which is trained last.
//
// --headless    opens the page in a Chromium or Firefox without a window
// --steps       of the run (default 320)
// --screenshot  of the page at the end; with --headless

import { parseArgs } from "node:util";
import { digestAlone, startNode } from "./data-parallel/processes.mjs";
import { openRankPage } from "./data-parallel/rank-page.mjs";
import { openExampleSite } from "./data-parallel/site.mjs";
import { findBrowsers } from "./find-browsers.mjs";
import { findNatsServer, NOT_FOUND, startNatsServer } from "./find-nats-server.mjs";

const RANKS = 3;
const LIMIT_MS = 600_000;

/** What the run needs is not there. */
class Missing extends Error {}

async function main() {
  const { values } = parseArgs({
    options: {
      headless: { type: "boolean", default: false },
      steps: { type: "string", default: "320" },
      screenshot: { type: "string" },
    },
  });
  const binary = findNatsServer();
  if (binary === undefined) throw new Missing(NOT_FOUND);
  const found = findBrowsers().find((browser) => browser.binary !== undefined);
  if (values.headless && found === undefined) throw new Missing("not run: no browser found");
  const server = await startNatsServer(binary);
  const site = await openExampleSite();
  const { steps } = values;
  const group = `language-detector-${process.pid}`;
  const parameters = { server: server.websocketUrl, group, rank: 2, ranks: RANKS, steps };
  const address = site.address(parameters);
  console.log(`the page:\n\n  ${address}\n`);
  const processes = [0, 1].map((rank) =>
    startNode({ server: server.url, group, rank, ranks: RANKS, steps }, { isShown: rank === 0 }),
  );
  /** @type {import("./data-parallel/rank-page.mjs").RankPage | undefined} */
  let page;
  try {
    if (values.headless && found) page = await openRankPage(found, address, LIMIT_MS);
    const [{ digest }] = await Promise.all(processes.map(({ outcome }) => outcome));
    if (page) {
      const ended = await page.ended();
      console.log(`\n  the page  ${ended.state === "done" ? ended.digest : ended.text}`);
      if (values.screenshot) await page.page.screenshot({ path: values.screenshot });
      if (ended.state !== "done" || ended.digest !== digest) process.exitCode = 1;
    }
    const alone = await digestAlone(RANKS, steps);
    console.log(`  alone     ${alone}: ${alone === digest ? "the same" : "ANOTHER ONE"}`);
    if (alone !== digest) process.exitCode = 1;
  } finally {
    for (const each of processes) each.kill();
    await page?.close();
    site.close();
    await server.stop();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Missing ? error.message : error);
  process.exitCode = 1;
}
