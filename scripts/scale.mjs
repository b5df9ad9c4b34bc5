// Fills the tables of docs/scale.md and draws docs/scale.svg: node scripts/scale.mjs [--check] [root]
//
// Figures are computed and simulated (scripts/scale/), none is measured: they are the same on every machine.
// --check writes nothing and fails where the files are not what would be written.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { drawing } from "./scale/drawing.mjs";
import { TABLES } from "./scale/tables.mjs";

const DOCUMENT = "docs/scale.md";
const DRAWING = "docs/scale.svg";
const MARKED = /(<!-- scale:([\w-]+) -->\n)[\s\S]*?(<!-- \/scale:\2 -->)/g;

/** @param {string} text @param {Readonly<Record<string, () => string[]>>} filled by section */
function withTables(text, filled) {
  const missing = new Set(Object.keys(filled));
  for (const [, , name] of text.matchAll(MARKED)) {
    if (!missing.delete(name)) throw new Error(`${DOCUMENT}: no table "${name}", or twice`);
  }
  if (missing.size > 0) throw new Error(`${DOCUMENT}: no section for ${[...missing].join(", ")}`);
  return text.replace(
    MARKED,
    (_, begin, name, end) => `${begin}${filled[name]().join("\n")}\n${end}`,
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: "boolean", default: false } },
});
const root = resolve(positionals[0] ?? fileURLToPath(new URL("..", import.meta.url)));
const document = join(root, DOCUMENT);
const before = readFileSync(document, "utf8");
const files = [
  { name: DOCUMENT, wanted: withTables(before, TABLES) },
  { name: DRAWING, wanted: drawing() },
];
for (const { name, wanted } of files) {
  const path = join(root, name);
  if (!values.check) writeFileSync(path, wanted);
  else if (!existsSync(path) || readFileSync(path, "utf8") !== wanted) {
    console.error(`${name} is not what the model gives; run node scripts/scale.mjs`);
    process.exitCode = 1;
  }
}
