// Opens a consumer's page in Chromium, or in Firefox where there is none, and waits for its report.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { openPages } from "../browser-run.mjs";
import { findBrowsers } from "../find-browsers.mjs";
import { NotRun } from "./project.mjs";

const LIMIT_MS = 60_000;
const TYPES = /** @type {Record<string, string>} */ ({
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
});
/** Without it a page has no shared memory. */
export const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/**
 * Serves a folder and what pages report.
 * @param {string} folder
 * @param {boolean} isolated
 */
export async function serveFolder(folder, isolated) {
  const site = {
    origin: "",
    onReport: (/** @type {unknown} */ _report) => {},
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://host");
    if (request.method === "POST") {
      let body = "";
      for await (const part of request) body += part;
      site.onReport(JSON.parse(body));
      return response.writeHead(204).end();
    }
    const body = readBelow(folder, decodeURIComponent(pathname));
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": TYPES[extname(pathname)] ?? "application/octet-stream",
      ...(isolated ? ISOLATION : {}),
    });
    response.end(body);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  site.origin = `http://127.0.0.1:${port}`;
  return site;
}

/** @param {string} folder @param {string} path */
function readBelow(folder, path) {
  const file = resolve(join(folder, path));
  if (!file.startsWith(resolve(folder) + sep)) return undefined;
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
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
