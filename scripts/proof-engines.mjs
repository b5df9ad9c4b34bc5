// The engines of scripts/proof.mjs: how each runs the proof's program.

import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { openPages } from "./browser-run.mjs";
import { serve } from "./browser-server.mjs";
import { findBrowsers } from "./find-browsers.mjs";
import { findEngines, firstThatRuns, install, installed } from "./find-engines.mjs";
import { openWebKit } from "./find-webkit.mjs";
import { linesOf } from "./program-lines.mjs";
import { findShell, runInShell } from "./proof-shell.mjs";

const PACKAGES = resolve(fileURLToPath(new URL("../node_modules", import.meta.url)));
const NEWER_NODE = "24.21.0";

/** In the order of the table. */
export const ENGINES = /** @type {const} */ ([
  "node",
  "node-liftoff",
  "node-turbofan",
  "newer-node",
  "deno",
  "bun",
  "jsc",
  "chromium",
  "firefox",
  "webkitgtk",
]);

/**
 * @typedef {typeof ENGINES[number]} EngineName
 * @typedef {{ steps: number, threads: number, kernel: string }} Request
 *
 * @typedef {object} ProofEngine
 * @property {EngineName} name
 * @property {string} version
 * @property {((request: Request) => Promise<string[]>) | undefined} run  the program's lines;
 *   undefined where the engine is absent
 * @property {boolean} [isAlone]  it has no threads, whatever is asked for
 * @property {() => void} close
 *
 * @typedef {{ dist: string, folder: string, limitMs: number }} Places  folder: installed engines
 */

/** npm's packages of Node are named after systems. */
const newerNodeAt = (/** @type {string} */ folder) => join(folder, "newer-node");

/** Installs Deno, Bun and a newer Node. @param {string} folder */
export function installEngines(folder) {
  install(folder);
  const system = process.platform === "win32" ? "win" : process.platform;
  // In a folder of its own: npm takes away what it was not asked for.
  install(newerNodeAt(folder), [`node-${system}-${process.arch}@${NEWER_NODE}`]);
}

/** @param {Places} places @returns {Record<string, Omit<ProofEngine, "name">>} */
function programs({ dist, folder, limitMs }) {
  const [node, liftoff, turbofan, deno, bun] = findEngines(folder);
  const newer = firstThatRuns(installed(newerNodeAt(folder), "", "bin/node"));
  const newerNode = {
    ...{ binary: newer.binary, flags: /** @type {string[]} */ ([]) },
    version: newer.version.trim().replace(/^v/, "") || "-",
  };
  const all = {
    ...{ node, "node-liftoff": liftoff, "node-turbofan": turbofan, "newer-node": newerNode },
    ...{ deno, bun },
  };
  const program = join(dist, "tests/engines/proof-run.js");
  return Object.fromEntries(
    Object.entries(all).map(([name, { binary, version, flags }]) => {
      /** @param {Request} request */
      const run = ({ steps, threads, kernel }) => {
        const argv = [...flags, program, String(steps), String(threads), kernel];
        return linesOf(/** @type {string} */ (binary), argv, limitMs);
      };
      return [name, { version, run: binary === undefined ? undefined : run, close() {} }];
    }),
  );
}

/** @param {Places} places @returns {Omit<ProofEngine, "name">} */
function shell({ dist, limitMs }) {
  const binary = findShell();
  if (binary === undefined) return { version: "-", run: undefined, close() {} };
  return {
    version: "?",
    run: (request) => runInShell(binary, { dist, packages: PACKAGES, limitMs }, request),
    isAlone: true,
    close() {},
  };
}

/**
 * @param {import("./find-browsers.mjs").Browser & { close?: () => void }} browser
 * @param {Places} places
 * @returns {Omit<ProofEngine, "name">}
 */
function inBrowser(browser, { dist, limitMs }) {
  /** @param {Request} request */
  const run = async (request) => {
    const files = { "proof.json": Buffer.from(JSON.stringify(request)) };
    const site = await serve({ dist, packages: PACKAGES, isolated: true, files });
    try {
      const path = "/page.html?program=proof&where=worker&isolated=true";
      const [report] = await openPages(browser, site, [{ path, lingerMs: 0 }], limitMs);
      const results = /** @type {import("../tests/browsers/result.ts").Result[]} */ (report);
      const bad = results.find(({ ok }) => !ok);
      if (bad) throw new Error(`${bad.name}: ${bad.detail}`);
      return results.map(({ name }) => name);
    } finally {
      site.close();
    }
  };
  return {
    version: browser.version,
    run: browser.binary === undefined ? undefined : run,
    close: () => browser.close?.(),
  };
}

/**
 * The engines of these names, whether they are there or not.
 * @param {readonly EngineName[]} names
 * @param {Places} places
 * @returns {Promise<ProofEngine[]>}
 */
export async function openEngines(names, places) {
  /** @type {Record<string, Omit<ProofEngine, "name">>} */
  const found = { ...programs(places), jsc: shell(places) };
  for (const browser of findBrowsers()) found[browser.name] = inBrowser(browser, places);
  if (names.includes("webkitgtk")) found.webkitgtk = inBrowser(await openWebKit(), places);
  return names.map((name) => ({ name, ...found[name] }));
}
