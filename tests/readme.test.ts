import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { docBlocks, runDocBlock } from "./reference/doc-blocks.ts";

const test = suite("README");

const root = new URL("../../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");
const blocks = docBlocks(readme);

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

test.run();
