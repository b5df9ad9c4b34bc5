import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { seededGradients } from "../src/ledger/seeded-gradients.ts";
import { docBlocks, runDocBlock } from "./reference/doc-blocks.ts";
import { ledgerOf } from "./reference/ledger.ts";

const test = suite("ledger: docs");
const text = readFileSync(resolve("docs/ledger.md"), "utf8");
const blocks = docBlocks(text);

test("docs/ledger.md has code to run", () => {
  assert.is(blocks.length, 3);
});

blocks.forEach((block, index) => {
  test(`the code on line ${block.line} of docs/ledger.md runs and prints what it says`, async () => {
    assert.is(block.promised.length, block.calls);
    assert.equal(await runDocBlock(block, `ledger-${index}`), [...block.promised]);
  });
});

/** First cells of the table after a sentence. */
function keysAfter(sentence: string): string[] {
  const [, rest = ""] = text.split(sentence);
  const [table] = rest.trimStart().split("\n\n");
  return [...table.matchAll(/^\| ([^|]*) \|/gm)].flatMap(([, cell]) =>
    Array.from(cell.matchAll(/`(\w+)`/g), ([, key]) => key),
  );
}

test("docs/ledger.md has every key of every line", async () => {
  const optimizer = await AdamW.create(
    { a: Float32Array.of(1), b: Float32Array.of(1) },
    { gradNorm: true, nonFinite: "skip" },
  );
  const options = { note: 1, replay: seededGradients({ seed: 1 }) };
  const bad = { a: Float32Array.of(Number.NaN) };
  const { text: ledger } = await ledgerOf(
    optimizer,
    () => {
      optimizer.step({ a: Float32Array.of(1) });
      optimizer.step(bad);
      optimizer.addParameters({ c: Float32Array.of(1) });
      optimizer.step();
    },
    options,
  );
  const [header, step, skipped, parameters, , end] = ledger
    .split("\n")
    .slice(0, -1)
    .map((line) => Object.keys(JSON.parse(line)));
  assert.equal(keysAfter("The first line is the header:").sort(), [...header, "resumed"].sort());
  assert.equal(
    keysAfter("a line for each step that was applied or skipped:").sort(),
    [...new Set([...step, ...skipped])].sort(),
  );
  const inline = (keys: readonly string[]) => keys.map((key) => `"${key}"`).join(", ");
  assert.ok(text.includes(`\`{ ${inline(parameters)} }\``), inline(parameters));
  assert.ok(text.includes(`\`{ ${inline(end).replace('"end"', '"end": true')} }\``), inline(end));
});

test.run();
