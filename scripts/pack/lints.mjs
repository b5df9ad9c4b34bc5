// The two linters of packages: publint, and "are the types wrong".

import { filesOf } from "./entries.mjs";
import { freshProject, node } from "./project.mjs";

/** @typedef {import("./project.mjs").Context} Context */

const PUBLINT = `import { readFileSync } from "node:fs";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
const { buffer, byteOffset, byteLength } = readFileSync(process.argv[2]);
const tarball = buffer.slice(byteOffset, byteOffset + byteLength);
const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
console.log(messages.map((m) => m.type + ": " + formatMessage(m, pkg, { color: false })).join("\\n"));
if (messages.some(({ type }) => type !== "suggestion")) process.exitCode = 1;
`;

/** @param {Context} context */
export async function publint(context) {
  const folder = await freshProject(context, "publint", {
    files: { "check.mjs": PUBLINT },
    tools: ["publint@0.3.25"],
  });
  return (await node(["check.mjs", context.tarball], folder)).trim() || "nothing to say";
}

/**
 * ES modules only: what TypeScript calls node10 does not read "exports", and CommonJS resolves to
 * an ES module, which Node >= 20.19 can require.
 * @param {Context} context
 */
export async function attw(context) {
  const folder = await freshProject(context, "attw", { tools: ["@arethetypeswrong/cli@0.18.5"] });
  const data = filesOf(context.manifest);
  const argv = ["node_modules/@arethetypeswrong/cli/dist/index.js", context.tarball];
  const flags = ["--profile", "esm-only", "--format", "ascii", "--no-emoji", "--no-color"];
  const without = data.length > 0 ? ["--exclude-entrypoints", ...data.map((p) => p.slice(2))] : [];
  await node([...argv, ...flags, ...without], folder);
  return "profile esm-only";
}
