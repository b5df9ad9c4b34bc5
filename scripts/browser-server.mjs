// The web server of scripts/browsers.mjs: a page, the build, its packages, and files that programs
// exchange with Node.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";

/**
 * Where the packages that the build imports are served: names that end in a slash stand for folders.
 * A page has this as its import map. A worker has none, so that below /resolved/ the same build is
 * served with paths in the place of names, as a bundler would leave it.
 */
const PACKAGES = {
  "@noble/hashes/": "/packages/@noble/hashes/",
  "@assemblyscript/loader": "/packages/@assemblyscript/loader/index.js",
};
const IMPORT_MAP = JSON.stringify({ imports: PACKAGES });
const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>ashlar</title>
<script type="importmap">${IMPORT_MAP}</script>
<script type="module" src="/built/tests/browsers/page.js"></script>
`;

/** A strict policy: what the package needs is in it, and nothing else. No eval, no blob: workers. */
const POLICY = [
  "default-src 'none'",
  `script-src 'self' 'wasm-unsafe-eval' 'sha256-${createHash("sha256").update(IMPORT_MAP).digest("base64")}'`,
  "worker-src 'self'",
  "connect-src 'self'",
].join("; ");

const TYPES = /** @type {Record<string, string>} */ ({
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".wasm": "application/wasm",
});

/** Without it a page has no shared memory. */
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/**
 * @typedef {object} Site
 * @property {string} origin
 * @property {(report: unknown) => void} onReport  what a page posts to /report
 * @property {() => void} close
 */

/**
 * Serves a build on a port of its own, and so as an origin of its own.
 * @param {object} options
 * @param {string} options.dist
 * @param {string} options.packages  a node_modules folder
 * @param {boolean} options.isolated
 * @param {Record<string, Uint8Array>} options.files  below /files/; a page may post others
 * @returns {Promise<Site>}
 */
export async function serve({ dist, packages, isolated, files }) {
  const held = new Map(Object.entries(files));
  const site = {
    origin: "",
    onReport: (/** @type {unknown} */ _report) => {},
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  /** @param {string} path @returns {Uint8Array | string | undefined} */
  const contentsOf = (path) => {
    const [, top, rest] = /^\/([^/]*)\/?(.*)$/.exec(path) ?? [];
    if (top === "page.html") return PAGE;
    if (top === "files") return held.get(rest);
    if (top === "built") return readBelow(dist, rest);
    if (top === "resolved") return withPaths(readBelow(dist, rest));
    if (top === "packages") return readBelow(packages, rest);
    return undefined;
  };
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://host").pathname);
    if (request.method === "POST") {
      const body = await bodyOf(request);
      if (path === "/report") site.onReport(JSON.parse(body.toString("utf8")));
      else held.set(path.replace(/^\/files\//, ""), body);
      return response.writeHead(204).end();
    }
    const contents = contentsOf(path);
    const body = Buffer.from(contents ?? "no such thing");
    response.writeHead(contents === undefined ? 404 : 200, {
      "content-type": TYPES[extname(path)] ?? "application/octet-stream",
      "content-length": body.length,
      "content-security-policy": POLICY,
      "cache-control": "no-store",
      ...(isolated ? ISOLATION : {}),
    });
    response.end(body);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  site.origin = `http://127.0.0.1:${port}`;
  return site;
}

/** @param {import("node:http").IncomingMessage} request */
async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
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

/** @param {Buffer | undefined} source */
function withPaths(source) {
  if (source === undefined) return undefined;
  let text = source.toString("utf8");
  for (const [name, path] of Object.entries(PACKAGES)) {
    const end = name.endsWith("/") ? "" : '"';
    text = text.replaceAll(` from "${name}${end}`, ` from "${path}${end}`);
  }
  return text;
}
