// What the tarball holds, against files.json.

import { run } from "./project.mjs";

/** @param {import("./project.mjs").Context} context @returns {Promise<string[]>} paths, sorted */
export async function filesIn({ tarball, work }) {
  const listed = await run("tar", ["-tzf", tarball], work);
  const paths = listed.split("\n").filter((path) => path !== "" && !path.endsWith("/"));
  return paths.map((path) => path.replace(/^package\//, "")).sort();
}

/**
 * @param {string[]} found
 * @param {string[]} expected
 * @returns {string[]} what is wrong
 */
export function fileDifferences(found, expected) {
  return [
    ...expected.filter((path) => !found.includes(path)).map((path) => `${path}: not there`),
    ...found.filter((path) => !expected.includes(path)).map((path) => `${path}: not expected`),
  ];
}

/** @param {import("./project.mjs").Context} context */
export async function fileList(context) {
  const found = await filesIn(context);
  const wrong = fileDifferences(found, context.files);
  if (wrong.length > 0) throw new Error(wrong.join("; "));
  return `${found.length} files`;
}
