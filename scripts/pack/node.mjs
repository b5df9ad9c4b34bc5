// Node itself: import, and require of the same modules.

import { entriesOf } from "./entries.mjs";
import { checkReport, PROGRAM } from "./program.mjs";
import { freshProject, node } from "./project.mjs";

/** @typedef {import("./project.mjs").Context} Context */

/** @param {Context} context */
export async function nodeEsm(context) {
  const folder = await freshProject(context, "node-esm", { files: PROGRAM });
  return checkReport(await node(["main.js"], folder));
}

/**
 * require and import must give the same objects: two copies would not know each other's classes.
 * Requiring fails where an entry awaits at its top level.
 * @param {string[]} entries
 */
const requiring = (entries) => `
const assert = require("node:assert");
const { digestOf } = require("./program.cjs");
(async () => {
  for (const entry of ${JSON.stringify(entries)}) {
    const required = require(entry);
    const imported = await import(entry);
    for (const [name, value] of Object.entries(imported)) {
      assert.strictEqual(required[name], value, \`\${name} of \${entry}\`);
    }
  }
  console.log(JSON.stringify({ digest: await digestOf({}) }));
})();
`;

/** @param {Context} context */
export async function nodeCjs(context) {
  const program = PROGRAM["program.js"]
    .replace(/^import (\{.*\}) from ("ashlar");/, "const $1 = require($2);")
    .replace("export async function", "exports.digestOf = async function");
  const entries = entriesOf(context.manifest);
  const files = { "program.cjs": program, "main.cjs": requiring(entries) };
  const folder = await freshProject(context, "node-cjs", { files });
  return `${checkReport(await node(["main.cjs"], folder))}, ${entries.length} entries shared`;
}
