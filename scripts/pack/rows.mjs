// The rows of the table, in its order.

import { apiDocs } from "./api-docs.mjs";
import { bin } from "./bin.mjs";
import { BUNDLERS } from "./bundlers.mjs";
import { rowsOf } from "./bundles.mjs";
import { engine } from "./engines.mjs";
import { exportList } from "./exports.mjs";
import { fileList } from "./files.mjs";
import { attw, publint } from "./lints.mjs";
import { nodeCjs, nodeEsm } from "./node.mjs";
import { POLICY_ROWS } from "./policy.mjs";
import { sizes } from "./sizes.mjs";
import { typescript } from "./typescript.mjs";
import { viteDev, viteDevThreads } from "./vite-dev.mjs";
import { workerd } from "./workerd.mjs";

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} what
 * @property {(context: import("./project.mjs").Context) => Promise<string>} run  what it saw;
 *   throws NotRun, or what is wrong
 */

/** @type {Row[]} */
export const ROWS = [
  { name: "exports", what: "the names of every entry", run: exportList },
  { name: "files", what: "the list of packed files", run: fileList },
  { name: "node-esm", what: "import", run: nodeEsm },
  { name: "node-cjs", what: "require, the same objects as import", run: nodeCjs },
  { name: "bin", what: "the tool as npm links it", run: bin },
  { name: "typescript", what: "tsc, strict, declarations checked", run: typescript },
  ...BUNDLERS.flatMap(rowsOf),
  { name: "vite-dev", what: "dev server, in browsers", run: viteDev },
  { name: "vite-dev-threads", what: "dev server, isolated, 2 threads", run: viteDevThreads },
  ...POLICY_ROWS,
  { name: "deno", what: "import", run: engine("deno", "deno@2.9.6") },
  { name: "bun", what: "import", run: engine("bun", "bun@1.4.5") },
  { name: "workerd", what: "bundle, core.wasm as a module", run: workerd },
  { name: "publint", what: "strict", run: publint },
  { name: "attw", what: "are the types wrong", run: attw },
  { name: "api-docs", what: "typedoc", run: apiDocs },
  { name: "sizes", what: "budget: min/brotli", run: sizes },
];
