// The web server of scripts/browsers.mjs: a page, the build, its packages, and files that programs
// exchange with Node.

import { createHash } from "node:crypto";
import { bodyOf, ISOLATION, openSite, readBelow, typeOf } from "./local-site.mjs";

/**
 * Where the packages that the build imports are served: names that end in a slash stand for folders.
 * A page has this as its import map. A worker has none, so that below /resolved/ the same build is
 * served with paths in the place of names, as a bundler would leave it.
 * @param {string} at  where the packages are
 */
export const packagesAt = (at) => ({
  "@noble/hashes/": `${at}/@noble/hashes/`,
  "@assemblyscript/loader": `${at}/@assemblyscript/loader/index.js`,
});
const PACKAGES = packagesAt("/packages");
const IMPORT_MAP = JSON.stringify({ imports: PACKAGES });
/**
 * What other packages import of each other, with paths in the place of names wherever they are
 * served. @tensorflow/tfjs holds the core, and there must be one of it; what is Node's is empty, as
 * tfjs-backend-wasm asks bundlers for it ("browser" of its package.json).
 */
const IMPORTS_OF_PACKAGES = {
  "@tensorflow/tfjs-core": "/packages/@tensorflow/tfjs/dist/tf.fesm.min.js",
  ...Object.fromEntries(["fs", "path", "os", "perf_hooks"].map((name) => [name, "/empty.js"])),
};
const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>ashlar</title>
<script type="importmap">${IMPORT_MAP}</script>
<script type="module" src="/built/tests/browsers/page.js"></script>
`;

/**
 * A strict policy: what the package needs is in it, and nothing else. No eval; no blob: workers but
 * where a program asks for them, as another package does not do without.
 */
const policy = (/** @type {boolean} */ blobWorkers) =>
  [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' 'sha256-${createHash("sha256").update(IMPORT_MAP).digest("base64")}'`,
    `worker-src 'self'${blobWorkers ? " blob:" : ""}`,
    "connect-src 'self'",
  ].join("; ");

/** @typedef {import("./local-site.mjs").Site} Site */

/**
 * Serves a build on a port of its own, and so as an origin of its own.
 * @param {object} options
 * @param {string} options.dist
 * @param {string} options.packages  a node_modules folder
 * @param {boolean} options.isolated
 * @param {Record<string, Uint8Array>} options.files  below /files/; a page may post others
 * @returns {Promise<Site>}
 */
export function serve({ dist, packages, isolated, files }) {
  const held = new Map(Object.entries(files));
  /** @param {string} path @returns {Uint8Array | string | undefined} */
  const contentsOf = (path) => {
    const [, top, rest] = /^\/([^/]*)\/?(.*)$/.exec(path) ?? [];
    if (top === "page.html") return PAGE;
    if (top === "files") return held.get(rest);
    if (top === "built") return readBelow(dist, rest);
    if (top === "resolved") {
      const source = readBelow(dist, rest);
      return source && withPaths(source, PACKAGES);
    }
    if (top === "packages") {
      const file = readBelow(packages, rest);
      return file && rest.endsWith(".js") ? withPaths(file, IMPORTS_OF_PACKAGES) : file;
    }
    if (top === "empty.js") return "export default {};";
    return undefined;
  };
  return openSite(async (request, response, site) => {
    const url = new URL(request.url ?? "/", "http://host");
    const path = decodeURIComponent(url.pathname);
    if (request.method === "POST") {
      const body = await bodyOf(request);
      if (path === "/report") site.onReport(JSON.parse(body.toString("utf8")));
      else held.set(path.replace(/^\/files\//, ""), body);
      response.writeHead(204).end();
      return;
    }
    const contents = contentsOf(path);
    const body = Buffer.from(contents ?? "no such thing");
    response.writeHead(contents === undefined ? 404 : 200, {
      "content-type": typeOf(path),
      "content-length": body.length,
      "content-security-policy": policy(url.searchParams.has("blobs")),
      "cache-control": "no-store",
      ...(isolated ? ISOLATION : {}),
    });
    response.end(body);
  });
}

/**
 * A module with paths in the place of packages' names.
 * @param {Buffer} source
 * @param {Record<string, string>} paths  by name
 */
export function withPaths(source, paths) {
  let text = source.toString("utf8");
  for (const [name, path] of Object.entries(paths)) {
    const end = name.endsWith("/") ? "" : "[\"']";
    const quote = end === "" ? "" : '"';
    text = text.replaceAll(new RegExp(`\\bfrom ?["']${name}${end}`, "g"), `from "${path}${quote}`);
  }
  return text;
}
