import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { docBlocks, runDocBlock } from "./reference/doc-blocks.ts";

const test = suite("docs/recipes.md");

const [, ...sections] = readFileSync(resolve("docs/recipes.md"), "utf8").split(/^## /m);

test("no two recipes have the same heading", () => {
  const headings = sections.map((section) => section.slice(0, section.indexOf("\n")));
  assert.ok(headings.length >= 20, `${headings.length} recipes`);
  assert.equal([...new Set(headings)], headings);
});

for (const [index, section] of sections.entries()) {
  test(`${section.slice(0, section.indexOf("\n"))}: the code prints what its comments say`, async () => {
    const blocks = docBlocks(section);
    assert.ok(blocks.length > 0, "it has no code");
    for (const [number, block] of blocks.entries()) {
      assert.ok(block.promised.length > 0, `block ${number} promises nothing`);
      assert.is(block.promised.length, block.calls, "a console.log without a promise");
      assert.equal(await runDocBlock(block, `recipes-${index}-${number}`), block.promised);
    }
  });
}

test.run();
