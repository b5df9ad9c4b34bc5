import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { docBlocks, runDocBlock } from "./reference/doc-blocks.ts";

const test = suite("docs/migrating.md");

const text = readFileSync(resolve("docs/migrating.md"), "utf8");
const blocks = docBlocks(text);
const SYSTEMS = ["PaddleNLP", "MindFormers", "Composer", "PyTorch", "optax", "TensorFlow.js"];

/** The text under each heading `## From NAME`. */
const sections = new Map(
  text
    .split(/^## /m)
    .filter((section) => section.startsWith("From "))
    .map((section) => [section.slice("From ".length, section.indexOf("\n")), section]),
);

test("there is a section for every system, with its recipe and ours", () => {
  assert.equal([...sections.keys()], SYSTEMS);
  for (const [system, section] of sections) {
    assert.ok(docBlocks(section).length >= 1, `${system}: no code that runs`);
    const theirs = system === "TensorFlow.js" ? /^```javascript$/m : /^```python$/m;
    assert.match(section, theirs, `${system}: no original`);
  }
});

for (const [index, block] of blocks.entries()) {
  test(`the code at line ${block.line} prints what its comments say`, async () => {
    assert.ok(block.promised.length >= 1, "it promises nothing");
    assert.is(block.promised.length, block.calls, "a console.log without a promise");
    assert.equal(await runDocBlock(block, `migrating-${index}`), block.promised);
  });
}

test("blocks are found with their lines, and only js runs", () => {
  const fence = "```";
  const code = `console.log(1,\n  2); // 1 2\nconsole.log("a");\n`;
  const doc = `# Title\n\n${fence}python\nprint(1)\n${fence}\n\n${fence}js\n${code}${fence}\n`;
  assert.equal(docBlocks(doc), [{ code, line: 8, promised: ["1 2"], calls: 2 }]);
});

test("every file that it links to exists", () => {
  const links = Array.from(text.matchAll(/\]\((?!https?:|#)([^)#]+)/g), ([, path]) => path);
  assert.ok(links.length >= 3);
  for (const path of links) assert.ok(existsSync(resolve("docs", path)), path);
});

test.run();
