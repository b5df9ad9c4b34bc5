import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite("README");

const root = new URL("../../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");
const blocks = Array.from(readme.matchAll(/```js\n([\s\S]*?)```/g), ([, code]) => code);

/** Runs a code block as the module that it is; `ashlar` in it is this package. */
async function run(code: string, index: number): Promise<string[]> {
  const folder = new URL("dist/.readme/", root);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`block-${index}.mjs`, folder);
  writeFileSync(file, code);
  const printed: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => printed.push(values.map(String).join(" "));
  try {
    await import(file.href);
  } finally {
    console.log = log;
  }
  return printed;
}

test("its code runs and prints what its comments say", async () => {
  assert.ok(blocks.length > 0);
  let promised = 0;
  for (const [index, code] of blocks.entries()) {
    const expected = Array.from(
      code.matchAll(/console\.log\(.*\); *\/\/ (.*)/g),
      ([, text]) => text,
    );
    const printed = await run(code, index);
    assert.ok(expected.length > 0, `block ${index} prints nothing that it promises`);
    assert.equal(printed.slice(-expected.length), expected, `block ${index}`);
    promised += expected.length;
  }
  assert.ok(promised >= 2);
});

test("the first block is short enough to read at a glance", () => {
  assert.ok(blocks[0].trim().split("\n").length <= 20);
});

test("every file that it links to exists", () => {
  const links = Array.from(readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g), ([, path]) => path);
  assert.ok(links.length >= 5);
  for (const path of links) readFileSync(new URL(path, root));
});

test.run();
