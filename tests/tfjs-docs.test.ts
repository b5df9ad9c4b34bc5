import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { docBlocks, runDocBlock } from "./reference/doc-blocks.ts";

const test = suite("docs/tfjs.md");

const text = readFileSync(resolve("docs/tfjs.md"), "utf8");
const blocks = docBlocks(text);

test("there are programs in it, and no other blocks", () => {
  assert.is(blocks.length, 4);
  assert.is(text.split(/^```/m).length - 1, 2 * blocks.length);
});

for (const [index, block] of blocks.entries()) {
  test(`line ${block.line}: the code prints what its comments say`, async () => {
    assert.ok(block.promised.length > 0, "it promises nothing");
    assert.is(block.promised.length, block.calls, "a console.log without a promise");
    assert.equal(await runDocBlock(block, `tfjs-${index}`), block.promised);
  });
}

test.run();
