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
  const site = await openRankSite(join(ROOT, "tests/scale/page"), {
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
      let kills = false;
      await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("the page says nothing")), LIMIT_MS);
        const ended = (/** @type {Error} */ error) => {
          clearTimeout(timer);
          if (error) reject(error);
          else resolve(undefined);
        };
        page.on("pageerror", (error) => ended(/** @type {Error} */ (error)));
        page.on("console", (message) => {
          if (message.type() === "error") ended(new Error(`the page: ${message.text()}`));
        });
        posted = (path, body) => {
          if (path.startsWith("/files/")) writeFileSync(join(folder, basename(path)), body);
          else if (path === "/reports") {
            writeFileSync(join(reports, `${parameters.rank}.json`), body);
            ended();
          } else {
            kills = true;
            browser.process()?.kill("SIGKILL");
            writeFileSync(join(reports, "killed"), `${Date.now()}`);
            ended();
          }
        };
        page.goto(site.address({ ...parameters, server: websocketUrl })).catch(ended);
      });
      if (kills) await closeBrowser();
      else await page.close();
    },
    async close() {
      await closeBrowser();
      site.close();
    },
  };
}
