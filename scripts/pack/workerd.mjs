// workerd, the runtime of Cloudflare Workers: it refuses to compile bytes, and so the core must reach
// it as a module of its own.

import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkReport, PROGRAM } from "./program.mjs";
import { freshProject, node } from "./project.mjs";

const BUILD = `import { build } from "esbuild";
await build({
  entryPoints: { worker: "worker.js" },
  bundle: true, format: "esm", target: "es2022", conditions: ["workerd", "worker", "browser"],
  loader: { ".wasm": "copy" }, assetNames: "[name]", outdir: "out", logLevel: "error",
});
`;
const WORKER = `import { digestOf } from "./program.js";
export default {
  async test() {
    console.log(JSON.stringify({ digest: await digestOf({}) }));
  },
};
`;

/** @param {string[]} wasm  files beside the worker */
const config = (wasm) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);
const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "out/worker.js"),
    ${wasm.map((name) => `(name = "${name}", wasm = embed "out/${name}"),`).join("\n    ")}
  ],
  compatibilityDate = "2026-01-01",
);
`;

/** @param {import("./project.mjs").Context} context */
export async function workerd(context) {
  const folder = await freshProject(context, "workerd", {
    files: { ...PROGRAM, "build.mjs": BUILD, "worker.js": WORKER },
    tools: ["workerd@1.20261117.1", "esbuild@0.28.2"],
  });
  await node(["build.mjs"], folder);
  const wasm = readdirSync(join(folder, "out")).filter((name) => name.endsWith(".wasm"));
  writeFileSync(join(folder, "config.capnp"), config(wasm));
  const said = await node(["node_modules/workerd/bin/workerd", "test", "config.capnp"], folder);
  return checkReport(
    said
      .split("\n")
      .filter((line) => line.includes('"digest"'))
      .join("\n"),
  );
}
