import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { docBlocks, runDocBlock } from "./reference/doc-blocks.ts";

const test = suite("docs/jax.md");

const blocks = docBlocks(readFileSync(resolve("docs/jax.md"), "utf8"));

test("there are programs in it", () => {
  assert.ok(blocks.length >= 4, `${blocks.length} blocks`);
});

for (const [index, block] of blocks.entries()) {
  test(`line ${block.line}: the code prints what its comments say`, async () => {
    assert.ok(block.promised.length > 0, "it promises nothing");
    assert.is(block.promised.length, block.calls, "a console.log without a promise");
    assert.equal(await runDocBlock(block, `jax-${index}`), block.promised);
  });
}

test.run();
