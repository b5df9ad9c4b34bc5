import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { docBlocks, runDocBlock } from "./reference/doc-blocks.ts";
import { isConfig } from "./reference/doc-fences.ts";

const test = suite("README");

const root = new URL("../../", import.meta.url);
const site = await import(new URL("scripts/local-site.mjs", root).href);
const readme = readFileSync(new URL("README.md", root), "utf8");
/** Programs; a tool's configuration is read by docs.test.ts. */
const blocks = docBlocks(readme).filter(({ code }) => !isConfig(code));

test("its code runs and prints what its comments say", async () => {
  assert.ok(blocks.length > 0);
  for (const [index, block] of blocks.entries()) {
    assert.ok(block.promised.length > 0, `line ${block.line}: promises nothing`);
    assert.is(block.promised.length, block.calls, `line ${block.line}: a call promises nothing`);
    assert.equal(await runDocBlock(block, `readme-${index}`), block.promised);
  }
});

test("the first block is short enough to read at a glance", () => {
  assert.ok(blocks[0].code.trim().split("\n").length <= 20);
});

test("every file that it links to exists", () => {
  const links = Array.from(readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g), ([, path]) => path);
  assert.ok(links.length >= 5);
  for (const path of links) readFileSync(new URL(path, root));
});

/** What the tables ask of tools and pages, and what pack-check's rows do in their place. */
const ASKED = [
  ['worker: { format: "es" }', 'worker: { format: "es" }', "bundlers.mjs"],
  ["`experiments.outputModule`", "experiments: { outputModule: true }", "bundlers.mjs"],
  ['`worker: "ashlar/worker.js"`, `splitting: true`', "splitting: true", "bundlers.mjs"],
  ['`worker: "ashlar/worker.js"`', 'worker: "ashlar/worker.js"', "bundlers.mjs"],
  ["`@rollup/plugin-node-resolve` with `browser: true`", "browser: true", "bundlers.mjs"],
  ["script-src 'self' 'wasm-unsafe-eval'", "script-src 'self' 'wasm-unsafe-eval'", "policy.mjs"],
  ["`BAD_CORE`", '"BAD_CORE"', "policy.mjs"],
] as const;

test("what it tells users of bundlers and policies to do is what npm run pack-check does", () => {
  for (const [told, done, file] of ASKED) {
    assert.ok(readme.includes(told), told);
    const source = readFileSync(new URL(`scripts/pack/${file}`, root), "utf8");
    assert.ok(source.includes(done), `${file}: ${done}`);
  }
  const { ISOLATION } = site;
  for (const [header, value] of Object.entries(ISOLATION)) {
    assert.ok(readme.toLowerCase().includes(`${header}: ${value}`), header);
  }
});

test.run();
