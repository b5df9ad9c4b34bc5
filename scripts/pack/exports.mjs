// What each entry exports, against exports.json. Types are no part of it: tsc has them.

import { entriesOf } from "./entries.mjs";
import { freshProject, node } from "./project.mjs";

const LIST = `const lists = {};
for (const entry of JSON.parse(process.argv[2])) lists[entry] = Object.keys(await import(entry)).sort();
console.log(JSON.stringify(lists));
`;

/**
 * @param {Record<string, string[]>} found
 * @param {Record<string, string[]>} expected
 * @returns {string[]} what is wrong
 */
export function differences(found, expected) {
  const entries = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  return entries.flatMap((entry) => {
    if (!(entry in found)) return [`${entry}: expected, and not there`];
    if (!(entry in expected)) return [`${entry}: not expected`];
    const missing = expected[entry].filter((name) => !found[entry].includes(name));
    const added = found[entry].filter((name) => !expected[entry].includes(name));
    return [
      ...missing.map((name) => `${entry}: expected ${name}, and it is not there`),
      ...added.map((name) => `${entry}: ${name} is not expected`),
    ];
  });
}

/** @param {import("./project.mjs").Context} context @returns {Promise<Record<string, string[]>>} */
export async function exportsOf(context) {
  const folder = await freshProject(context, "exports", { files: { "list.mjs": LIST } });
  const entries = entriesOf(context.manifest);
  return JSON.parse(await node(["list.mjs", JSON.stringify(entries)], folder));
}

/** @param {import("./project.mjs").Context} context */
export async function exportList(context) {
  const found = await exportsOf(context);
  const wrong = differences(found, context.exports);
  if (wrong.length > 0) throw new Error(wrong.join("; "));
  return Object.entries(found)
    .map(([entry, names]) => `${entry} ${names.length}`)
    .join(", ");
}
