// A rank in a browser without a window.

import { at, openBrowser, textOf } from "../web/drive.mjs";

/**
 * @typedef {object} RankPage
 * @property {import("puppeteer-core").Page} page
 * @property {readonly string[]} complaints  of the browser: what must not be
 * @property {() => Promise<Ended>} ended
 * @property {() => Promise<void>} close
 *
 * @typedef {{ state: "done", digest: string } | Failed} Ended
 * @typedef {{ state: "failed", code: string, rank: string, title: string, text: string }} Failed
 */

/**
 * Opens the page of examples/data-parallel: it joins and trains by itself.
 * @param {import("../find-browsers.mjs").Browser} found
 * @param {string} address
 * @param {number} limitMs  until it must have ended
 * @returns {Promise<RankPage>}
 */
export async function openRankPage(found, address, limitMs) {
  const { browser, close } = await openBrowser(found);
  const page = await browser.newPage();
  const complaints = /** @type {string[]} */ ([]);
  page.setDefaultTimeout(limitMs);
  await page.setViewport({ width: 900, height: 900 });
  page.on("console", (message) => {
    if (["error", "warn", "assert"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error}`));
  await page.goto(address);
  return {
    page,
    complaints,
    async ended() {
      await page.waitForSelector(`${at("state")}:is([data-state="done"], [data-state="failed"])`);
      const state = await page.$eval(
        at("state"),
        (element) => /** @type {HTMLElement} */ (element).dataset.state,
      );
      if (state === "done") return { state, digest: await textOf(page, "digest") };
      const { code = "", rank = "" } = await page.$eval(at("error"), (element) => ({
        .../** @type {HTMLElement} */ (element).dataset,
      }));
      const [title, text] = [await textOf(page, "error-title"), await textOf(page, "error-text")];
      return { state: "failed", code, rank, title, text };
    },
    close,
  };
}
