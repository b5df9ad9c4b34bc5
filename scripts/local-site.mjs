// What the web servers of the scripts share: a port of its own, and so an origin of its own.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";

const TYPES = /** @type {Record<string, string>} */ ({
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".wasm": "application/wasm",
});

/** Without it a page has no shared memory. */
export const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/**
 * @typedef {object} Site
 * @property {string} origin
 * @property {(report: unknown) => void} onReport  what a page posts
 * @property {() => void} close
 */

/**
 * @param {(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse,
 *   site: Site) => void} answer
 * @returns {Promise<Site>}
 */
export async function openSite(answer) {
  const site = {
    origin: "",
    onReport: (/** @type {unknown} */ _report) => {},
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  const server = createServer((request, response) => answer(request, response, site));
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  site.origin = `http://127.0.0.1:${port}`;
  return site;
}

/** @param {string} path */
export const typeOf = (path) => TYPES[extname(path)] ?? "application/octet-stream";

/** @param {import("node:http").IncomingMessage} request */
export async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/**
 * A file of a folder; undefined for what is not in it.
 * @param {string} folder
 * @param {string} path
 */
export function readBelow(folder, path) {
  const file = resolve(join(folder, path));
  if (!file.startsWith(resolve(folder) + sep)) return undefined;
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
