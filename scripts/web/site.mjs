// The web server of a built page.

import { createServer } from "node:http";
import { extname } from "node:path";
import { bodyOf, ISOLATION, readBelow, typeOf } from "../local-site.mjs";
import { POLICY } from "./policy.mjs";

const STYLES = /** @type {Record<string, string>} */ ({
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
});

/**
 * @param {boolean} isolated
 * @param {readonly string[]} [policy]
 * @returns {Record<string, string>}
 */
export const headersOf = (isolated, policy = POLICY) => ({
  "content-security-policy": policy.join("; "),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  ...(isolated ? ISOLATION : {}),
});

/**
 * Serves a folder on this machine only.
 * @param {string} folder
 * @param {object} options
 * @param {number} [options.port]  0: any that is free
 * @param {boolean} options.isolated
 * @param {readonly string[]} [options.policy]
 * @param {(path: string, body: Buffer) => void} [options.posted]  told of what pages post; none may, else
 */
export async function openPageSite(folder, { port = 0, isolated, policy, posted }) {
  const server = createServer(async (request, response) => {
    const { url = "/", method } = request;
    if (method === "POST" && posted) {
      posted(url, await bodyOf(request));
      response.writeHead(204).end();
      return;
    }
    const found = method === "GET" || method === "HEAD" ? lookUp(folder, url) : undefined;
    const body = found?.body ?? Buffer.from("no such thing\n");
    response.writeHead(found ? 200 : 404, {
      "content-type": found?.type ?? "text/plain",
      "content-length": body.length,
      "cache-control": "no-cache",
      ...headersOf(isolated, policy),
    });
    response.end(method === "HEAD" ? undefined : body);
  });
  await new Promise((listening, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", () => listening(undefined));
  });
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** @param {string} folder @param {string} url */
function lookUp(folder, url) {
  const path = pathOf(url);
  if (path === undefined) return undefined;
  const file = path.endsWith("/") ? `${path}index.html` : path;
  const body = readBelow(folder, file);
  return body && { body, type: STYLES[extname(file)] ?? typeOf(file) };
}

/** @param {string} url */
function pathOf(url) {
  try {
    return decodeURIComponent(url.split("?")[0]);
  } catch {
    // Not UTF-8.
    return undefined;
  }
}
