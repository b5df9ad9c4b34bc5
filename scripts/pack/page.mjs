// Opens a consumer's page in the browsers that there are, and waits for what it reports.

import { openPages } from "../browser-run.mjs";
import { findBrowsers } from "../find-browsers.mjs";
import { bodyOf, ISOLATION, openSite, readBelow, typeOf } from "../local-site.mjs";
import { NotRun } from "./project.mjs";

const LIMIT_MS = 60_000;

/** Its names, whether they are there or not. */
export const BROWSERS = ["chromium", "firefox"];

/**
 * Serves a folder and what pages report.
 * @param {string} folder
 * @param {{ isolated: boolean, policy?: string }} options  policy: Content-Security-Policy
 */
export function serveFolder(folder, { isolated, policy }) {
  return openSite(async (request, response, site) => {
    const { pathname } = new URL(request.url ?? "/", "http://host");
    if (request.method === "POST") {
      site.onReport(JSON.parse((await bodyOf(request)).toString("utf8")));
      return response.writeHead(204).end();
    }
    const body = readBelow(folder, decodeURIComponent(pathname));
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": typeOf(pathname),
      ...(policy === undefined ? {} : { "content-security-policy": policy }),
      ...(isolated ? ISOLATION : {}),
    });
    response.end(body);
  });
}

/**
 * What the page index.html of a folder reports.
 * @param {{ folder: string, isolated: boolean, policy?: string, query?: string, only?: string }} options
 * @param {(report: unknown) => string} check  says that a report is right, or throws
 */
export async function openPage({ folder, query, only, ...served }, check) {
  const site = await serveFolder(folder, served);
  try {
    return await openOn(site, { origin: site.origin, query, only }, check);
  } finally {
    site.close();
  }
}

/**
 * As openPage, for a page that may be another server's, which passes reports on to `site`.
 * @param {Awaited<ReturnType<typeof serveFolder>>} site
 * @param {{ origin: string, query?: string | undefined, only?: string | undefined }} page
 *   only: one browser; otherwise all that there are
 * @param {(report: unknown) => string} check
 * @returns {Promise<string>} what was seen, and where
 */
export async function openOn(site, { origin, query = "", only }, check) {
  const browsers = findBrowsers().filter(
    ({ name, binary }) => binary !== undefined && (only === undefined || name === only),
  );
  if (browsers.length === 0) throw new NotRun(`no ${only ?? "browser"} found`);
  const at = {
    origin,
    close() {},
    /** @param {(report: unknown) => void} listen */
    set onReport(listen) {
      site.onReport = listen;
    },
  };
  let seen = "";
  for (const browser of browsers) {
    const stages = [{ path: `/index.html${query}`, lingerMs: 0 }];
    const [report] = await openPages(browser, at, stages, LIMIT_MS);
    try {
      seen = check(report);
    } catch (error) {
      throw new Error(`${browser.name}: ${/** @type {Error} */ (error).message}`);
    }
  }
  const names = browsers.map(({ name, version }) => `${name} ${version.split(".")[0]}`);
  return `${names.join(", ")}: ${seen}`;
}
