// Times where one optimizer step of TensorFlow.js goes, by backend, in Node and in browsers:
//
//   npm run build && node scripts/browser-bench.mjs [--rounds N] [--dist DIR] [--packages DIR]
//                                                   [--only PLACE,...] [--write-docs]
//
// bench/browser/tfjs-steps.ts measures, ashlar and tf.train.adam in turns: in this process, and on
// cross-origin isolated pages, whose clocks are finer. Where everything is measured, the result goes
// to bench/results/tfjs-backends.json and its table into docs/tfjs.md. What is absent is said.
//
// --rounds      at most so many (default 25)
// --dist        the build (default dist)
// --packages    a node_modules folder, which may hold @tensorflow/tfjs-backend-webgpu
// --only        places, of node, chromium, firefox: nothing is written then
// --write-docs  measures nothing: the table of docs/tfjs.md from the result that is there

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { openPages } from "./browser-run.mjs";
import { serve } from "./browser-server.mjs";
import { findBrowsers } from "./find-browsers.mjs";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));
const RESULT = join(ROOT, "bench/results/tfjs-backends.json");
const DOCUMENT = join(ROOT, "docs/tfjs.md");
const LIMIT_MS = 180_000;
const NODE_BACKENDS = ["cpu", "wasm"];
const PAGE_BACKENDS = ["cpu", "wasm", "webgl", "webgpu"];

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "25" },
    dist: { type: "string", default: join(ROOT, "dist") },
    packages: { type: "string", default: join(ROOT, "node_modules") },
    only: { type: "string", default: "" },
    "write-docs": { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
if (!(rounds >= 1)) throw new RangeError(`--rounds: expected 1 or more, got ${values.rounds}`);
const only = values.only === "" ? [] : values.only.split(",");

/** A module of the build. @param {string} path */
const load = (path) => import(pathToFileURL(resolve(values.dist, path)).href);
const { backendCase, backendLines, BACKENDS_SUITE, withBackends } = await load(
  "bench/report/backends.js",
);
const { toJson } = await load("bench/report/to-json.js");

/** @typedef {import("../bench/report/result.ts").Case} Case */

/** In this process. @returns {Promise<Case[]>} */
async function inNode() {
  const require = createRequire(join(ROOT, "package.json"));
  const backendModule = require.resolve("@tensorflow/tfjs-backend-wasm");
  const modules = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu"].map(
    (name) => import(pathToFileURL(require.resolve(name)).href),
  );
  const [{ default: tf }] = await Promise.all(modules);
  const { default: wasm } = await import(pathToFileURL(backendModule).href);
  wasm.setWasmPaths(`${dirname(backendModule)}/`);
  tf.enableProdMode();
  const { timeSteps } = await load("bench/browser/tfjs-steps.js");
  const cases = [];
  for (const backend of NODE_BACKENDS) {
    await tf.setBackend(backend);
    const times = await timeSteps(tf, { rounds, limitMs: 20_000, awaits: false });
    cases.push(backendCase(`Node ${process.versions.node.split(".")[0]}`, backend, times));
  }
  return cases;
}

/** @param {import("./find-browsers.mjs").Browser} browser @returns {Promise<Case[]>} */
async function inBrowser(browser) {
  const name = browser.name[0].toUpperCase() + browser.name.slice(1);
  if (browser.binary === undefined) return [backendCase(name, "all", "no such browser found")];
  const place = `${name} ${browser.version.split(".")[0]}`;
  const { dist, packages } = values;
  const site = await serve({ dist, packages: resolve(packages), isolated: true, files: {} });
  const cases = [];
  try {
    for (const backend of PAGE_BACKENDS) {
      const program = "../../bench/browser/tfjs-page";
      const query = { program, where: "page", isolated: "true", backend, rounds: `${rounds}` };
      const path = `/page.html?${new URLSearchParams(query)}`;
      const stage = { path, lingerMs: 0, gpu: backend.startsWith("webg") };
      const [results] = await openPages(browser, site, [stage], LIMIT_MS);
      const found = /** @type {import("../tests/browsers/result.ts").Result[]} */ (results)[0];
      if (found.notRun || !found.ok) {
        cases.push(backendCase(place, backend, found.detail.split("\n")[0]));
        continue;
      }
      const { times, renderer } = JSON.parse(found.detail);
      const isSoftware = /swiftshader|llvmpipe|software/i.test(renderer);
      cases.push(backendCase(place, isSoftware ? `${backend} in software` : backend, times));
    }
  } finally {
    site.close();
  }
  return cases;
}

async function measure() {
  const { describeMachine } = await load("bench/harness/machine.js");
  const machine = describeMachine();
  const browsers = findBrowsers();
  const cases = [];
  const places = [
    { name: "node", run: inNode },
    ...browsers.map((browser) => ({ name: browser.name, run: () => inBrowser(browser) })),
  ];
  for (const { name, run } of places) {
    if (only.length > 0 && !only.includes(name)) continue;
    cases.push(...(await run()));
  }
  const manifest = createRequire(join(ROOT, "package.json"));
  const versionOf = (/** @type {string} */ file) => manifest(file).version;
  return {
    suite: BACKENDS_SUITE,
    title: "A step of TensorFlow.js by backend",
    date: new Date().toISOString(),
    machine,
    versions: {
      ashlar: versionOf("./package.json"),
      node: process.versions.node,
      tfjs: versionOf("@tensorflow/tfjs-core/package.json"),
      ...Object.fromEntries(browsers.map(({ name, version }) => [name, version])),
    },
    cases,
  };
}

const text = values["write-docs"] ? readFileSync(RESULT, "utf8") : toJson(await measure());
// Of what the file says, so that the table can be made again from it.
const result = JSON.parse(text);
console.log(backendLines(result).join("\n"));
if (only.length === 0) {
  if (!values["write-docs"]) writeFileSync(RESULT, text);
  writeFileSync(DOCUMENT, withBackends(readFileSync(DOCUMENT, "utf8"), result));
}
