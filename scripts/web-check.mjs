// Uses the page of examples/browser in real browsers, without a window:
//
//   node scripts/web-check.mjs [--require chromium,firefox] [--only chromium] [--screenshots DIR]
//
// Builds the page, serves it cross-origin isolated and not, and drives it by its own buttons and
// fields: a whole run with a pause, a save, a reload and a load between, damaged files, one thread and
// two, a class of the user's own. Digests must be Node's, made in the same script; a complaint of the
// browser, a violation of the policy or a request to another origin is a failure. What is absent is
// counted as not run. Exit code 1 where anything fails or is missed.
//
// --require      browsers whose absence is an error
// --only         these browsers
// --screenshots  folder for pictures of what was seen

import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findBrowsers } from "./find-browsers.mjs";
import { buildPage } from "./web/build-page.mjs";
import { openBrowser } from "./web/drive.mjs";
import { FORTH, ownClass, SHORT_STEPS, shortRun, wholeRun } from "./web/legs.mjs";
import { nodeRuns } from "./web/node-runs.mjs";
import { openPageSite } from "./web/site.mjs";
import { ROOT } from "./web/vite-options.mjs";

/** @typedef {"passed" | "failed" | "not run"} Verdict */
const counts = { passed: 0, failed: 0, "not run": 0 };

/** @param {string} browser @param {string} what @param {Verdict} verdict @param {string} [detail] */
function report(browser, what, verdict, detail = "") {
  counts[verdict]++;
  console.log(`${browser.padEnd(10)}${what.padEnd(58)}${verdict.padEnd(9)}${detail}`.trimEnd());
}

/** @param {string} browser */
const rowsOf =
  (browser) =>
  /** @param {string} what @param {() => Promise<string | void>} work */
  async (what, work) => {
    try {
      report(browser, what, "passed", (await work()) ?? "");
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      report(browser, what, "failed", message.replace(/\s*\n\s*/g, " ").slice(0, 300));
    }
  };

function readFlags() {
  const names = findBrowsers().map(({ name }) => name);
  const { values } = parseArgs({
    options: {
      require: { type: "string", default: "" },
      only: { type: "string", default: names.join(",") },
      screenshots: { type: "string" },
    },
  });
  /** @param {"require" | "only"} option */
  const listOf = (option) => {
    const given = values[option].split(",").filter((name) => name !== "");
    const wrong = given.find((name) => !names.includes(name));
    if (wrong === undefined) return given;
    throw new RangeError(`--${option}: expected some of ${names.join(", ")}, got ${wrong}`);
  };
  return {
    required: listOf("require"),
    only: listOf("only"),
    screenshots: values.screenshots,
  };
}

/** @param {ReturnType<typeof readFlags>} flags */
async function main({ required, only, screenshots }) {
  const browsers = [];
  for (const browser of findBrowsers().filter(({ name }) => only.includes(name))) {
    const { name, binary } = browser;
    if (binary !== undefined) browsers.push(browser);
    else report(name, "the page", required.includes(name) ? "failed" : "not run", "not found");
  }
  if (browsers.length === 0) return;
  const folder = mkdtempSync(join(tmpdir(), "ashlar-page-"));
  await buildPage(folder);
  const node = await nodeRuns(join(ROOT, "dist"));
  const short = await node.digestOf({ steps: SHORT_STEPS });
  const own = await node.digestOf({ steps: SHORT_STEPS, ownClass: FORTH });
  const whole = await node.digestOf({ steps: node.steps });
  await rowsOf("node")("the default run has the digest that the page expects", async () => {
    if (whole !== node.expected) throw new Error(`expected ${node.expected}, got ${whole}`);
  });
  const sites = {
    isolated: await openPageSite(folder, { isolated: true }),
    plain: await openPageSite(folder, { isolated: false }),
  };
  const origins = { isolated: sites.isolated.origin, plain: sites.plain.origin };
  for (const found of browsers) {
    const { name } = found;
    const row = rowsOf(name);
    /** @param {string} leg @param {(context: import("./web/legs.mjs").Context) => Promise<void>} work */
    const inBrowser = async (leg, work) => {
      /** @type {import("./web/drive.mjs").Opened | undefined} */
      let opened;
      try {
        opened = await openBrowser(found);
        await work({ browser: name, opened, origins, node, screenshots, row });
      } catch (error) {
        report(name, leg, "failed", /** @type {Error} */ (error).message.split("\n")[0]);
      } finally {
        await opened?.close();
      }
    };
    await inBrowser("the whole run", wholeRun);
    await inBrowser("not isolated", (context) =>
      shortRun(context, { isolated: false, threads: "auto", digest: short }),
    );
    if (availableParallelism() < 2) report(name, "2 threads", "not run", "one processor");
    else {
      await inBrowser("2 threads", (context) =>
        shortRun(context, { isolated: true, threads: "2", digest: short }),
      );
    }
    await inBrowser("own class", (context) => ownClass(context, { digest: own }));
  }
  for (const site of Object.values(sites)) site.close();
  rmSync(folder, { recursive: true });
}

function flagsOrExit() {
  try {
    return readFlags();
  } catch (error) {
    console.error(`web-check: ${/** @type {Error} */ (error).message.split("\n")[0]}`);
    process.exit(2);
  }
}

await main(flagsOrExit());
const { passed, failed, "not run": missed } = counts;
console.log(`\n${passed} passed, ${failed} failed, ${missed} not run`);
if (failed > 0) process.exitCode = 1;
