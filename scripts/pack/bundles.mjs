// One bundler after the other: builds the program for browsers, runs the bundle in Node, and in a
// browser on plain and isolated pages.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openPage } from "./page.mjs";
import { checkReport, PROGRAM } from "./program.mjs";
import { freshProject, node } from "./project.mjs";

/**
 * @typedef {import("./project.mjs").Context} Context
 * @typedef {object} Bundler
 * @property {string} name
 * @property {string[]} tools
 * @property {Record<string, string>} files  build.mjs among them: builds main.js into out/
 */

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>consumer</title>
<script type="module" src="./main.js"></script>
`;

/** @type {Map<string, Promise<string>>} */
const built = new Map();

/**
 * Builds once, however many rows look at it.
 * @param {Context} context
 * @param {Bundler} bundler
 * @returns {Promise<string>} the folder of the bundle
 */
export function build(context, { name, tools, files }) {
  const known = built.get(name);
  if (known) return known;
  const building = (async () => {
    const project = await freshProject(context, name, {
      files: { ...PROGRAM, "index.html": PAGE, ...files },
      tools,
    });
    await node(["build.mjs"], project);
    return join(project, "out");
  })();
  built.set(name, building);
  return building;
}

/** An import of Node's, which no browser has. */
const NODE_IMPORT =
  /\b(?:from|import|require)\s*\(?\s*["'](?:node:[a-z_/]+|fs|os|path|worker_threads)["']/;

/** @param {string} source @returns {string | undefined} */
export const nodeImport = (source) => NODE_IMPORT.exec(source)?.[0];

/** @param {string} out */
function checkForBrowsers(out) {
  for (const path of readdirSync(out, { recursive: true, encoding: "utf8" })) {
    if (!/\.m?js$/.test(path)) continue;
    const found = nodeImport(readFileSync(join(out, path), "utf8"));
    if (found) throw new Error(`${path}: expected nothing of Node's, got ${found}`);
  }
}

/** The rows of a bundler. @param {Bundler} bundler */
export const rowsOf = (bundler) => [
  {
    name: bundler.name,
    what: `${bundler.tools[0]}, bundle in Node`,
    run: async (/** @type {Context} */ context) => {
      const out = await build(context, bundler);
      checkForBrowsers(out);
      return checkReport(await node([join(out, "main.js")], out));
    },
  },
  {
    name: `${bundler.name}-page`,
    what: "in browsers",
    run: async (/** @type {Context} */ context) =>
      openPage({ folder: await build(context, bundler), isolated: false }, checkReport),
  },
  {
    name: `${bundler.name}-threads`,
    what: "in browsers, isolated, 2 threads",
    run: async (/** @type {Context} */ context) =>
      openPage(
        { folder: await build(context, bundler), isolated: true, query: "?threads=2" },
        checkReport,
      ),
  },
];
