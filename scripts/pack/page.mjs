// Opens a consumer's page in Chromium, or in Firefox where there is none, and waits for its report.

import { openPages } from "../browser-run.mjs";
import { findBrowsers } from "../find-browsers.mjs";
import { bodyOf, ISOLATION, openSite, readBelow, typeOf } from "../local-site.mjs";
import { NotRun } from "./project.mjs";

const LIMIT_MS = 60_000;

/**
 * Serves a folder and what pages report.
 * @param {string} folder
 * @param {boolean} isolated
 */
export function serveFolder(folder, isolated) {
  return openSite(async (request, response, site) => {
    const { pathname } = new URL(request.url ?? "/", "http://host");
    if (request.method === "POST") {
      site.onReport(JSON.parse((await bodyOf(request)).toString("utf8")));
      return response.writeHead(204).end();
    }
    const body = readBelow(folder, decodeURIComponent(pathname));
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": typeOf(pathname),
      ...(isolated ? ISOLATION : {}),
    });
    response.end(body);
  });
}

/**
 * What the page index.html of a folder reports.
 * @param {{ folder: string, isolated: boolean, threads?: number }} options
 */
export async function openPage({ folder, isolated, threads = 1 }) {
  const site = await serveFolder(folder, isolated);
  try {
    return await openOn(site, site.origin, threads);
  } finally {
    site.close();
  }
}

/**
 * As openPage, for a page of another server that passes reports on to `site`.
 * @param {Awaited<ReturnType<typeof serveFolder>>} site
 * @param {string} origin
 * @param {number} threads
 */
export async function openOn(site, origin, threads) {
  const browser = findBrowsers().find(({ binary }) => binary !== undefined);
  if (!browser) throw new NotRun("no browser found");
  const at = {
    origin,
    close() {},
    /** @param {(report: unknown) => void} listen */
    set onReport(listen) {
      site.onReport = listen;
    },
  };
  const stages = [{ path: `/index.html?threads=${threads}`, lingerMs: 0 }];
  const [report] = await openPages(browser, at, stages, LIMIT_MS);
  return report;
}
