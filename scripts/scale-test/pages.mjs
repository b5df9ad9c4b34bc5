// A rank in a page: opened, heard, and killed.

import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { openRankSite } from "../data-parallel/site.mjs";
import { openBrowser } from "../web/drive.mjs";
import { ROOT } from "../web/vite-options.mjs";

const LIMIT_MS = 120_000;

/**
 * @typedef {object} Pages
 * @property {string} folder  where checkpoints lie: pages read and write there through the server
 * @property {(parameters: Record<string, string | number>, reports: string) => Promise<void>} run
 *   opens one, and writes to the folder of reports what becomes of it
 * @property {() => Promise<void>} close
 */

/**
 * @param {import("../find-browsers.mjs").Browser} found
 * @param {import("../find-nats-server.mjs").NatsServer} server
 * @returns {Promise<Pages>}
 */
export async function openPages(found, { websocketUrl }) {
  /** @type {(path: string, body: Buffer) => void} */
  let posted = () => {};
  const site = await openRankSite(join(ROOT, "tests/scale-test/page"), {
    posted: (path, body) => posted(path, body),
  });
  const folder = join(site.folder, "files");
  mkdirSync(folder);
  /** @type {import("../web/drive.mjs").Opened | null} */
  let opened = null;
  const closeBrowser = async () => {
    await opened?.close();
    opened = null;
  };
  return {
    folder,
    async run(parameters, reports) {
      opened ??= await openBrowser(found);
      const { browser } = opened;
      const page = await browser.newPage();
      let isKilled = false;
      try {
        await new Promise((resolve, reject) => {
          const fail = (/** @type {unknown} */ error) => reject(new Error(`the page: ${error}`));
          const timer = setTimeout(() => fail("says nothing"), LIMIT_MS);
          page.on("pageerror", fail);
          page.on("console", (message) => message.type() === "error" && fail(message.text()));
          posted = (path, body) => {
            if (path.startsWith("/files/")) {
              writeFileSync(join(folder, basename(path)), body);
              return;
            }
            isKilled = path === "/killed";
            if (isKilled) browser.process()?.kill("SIGKILL");
            const name = isKilled ? "killed" : `${parameters.rank}.json`;
            writeFileSync(join(reports, name), isKilled ? `${Date.now()}` : body);
            clearTimeout(timer);
            resolve(undefined);
          };
          page.goto(site.address({ ...parameters, server: websocketUrl })).catch(fail);
        });
      } finally {
        // One that went on would speak for the next.
        posted = () => {};
        if (isKilled) await closeBrowser();
        else await page.close();
      }
    },
    async close() {
      await closeBrowser();
      site.close();
    },
  };
}
