// How Vite builds and serves the page of examples/browser, and others.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { POLICY } from "./policy.mjs";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Where the page is built. */
export const SITE = join(ROOT, "out/web/site");

/**
 * The package by its own name, as package.json exports it: the page imports what a user would.
 * @returns {import("vite").Alias[]}
 */
function ownName() {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const entries = /** @type {[string, string | { default: string }][]} */ (Object.entries(exports));
  return entries.map(([subpath, target]) => ({
    find: new RegExp(`^${name}${subpath.slice(1)}$`),
    replacement: join(ROOT, typeof target === "string" ? target : target.default),
  }));
}

/**
 * The policy in the page itself, for servers that send none. Frame-ancestors works as a header only.
 * @param {readonly string[]} policy
 * @returns {import("vite").Plugin}
 */
const policyInPage = (policy) => ({
  name: "policy-in-page",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: {
        "http-equiv": "Content-Security-Policy",
        content: policy.filter((rule) => !rule.startsWith("frame-ancestors")).join("; "),
      },
      injectTo: "head-prepend",
    },
  ],
});

const PAGE = join(ROOT, "examples/browser");

/**
 * @param {object} options
 * @param {string | false} options.publicDir  holds data/
 * @param {string} [options.outDir]
 * @param {string} [options.page]  the folder of its index.html
 * @param {readonly string[]} [options.policy]
 * @returns {import("vite").InlineConfig}
 */
export function viteOptions({ publicDir, outDir = SITE, page = PAGE, policy = POLICY }) {
  return {
    configFile: false,
    root: page,
    base: "./",
    publicDir,
    cacheDir: join(ROOT, "out/web/vite"),
    logLevel: "warn",
    clearScreen: false,
    resolve: { alias: ownName() },
    plugins: [policyInPage(policy)],
    worker: { format: "es" },
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2022",
      // Inlined files would be data: URLs, which the policy refuses.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    server: { fs: { allow: [ROOT] } },
  };
}
