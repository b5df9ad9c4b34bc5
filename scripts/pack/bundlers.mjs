// The bundlers, each with the shortest build for browsers that its documentation shows. Vite and
// webpack find the worker of threads by themselves; esbuild and Rollup are told of it, and must leave
// it as worker.js beside the chunk that starts it.

const HTML = `import { copyFileSync } from "node:fs";
copyFileSync("index.html", "out/index.html");
`;

/** @type {import("./bundles.mjs").Bundler[]} */
export const BUNDLERS = [
  {
    name: "esbuild",
    tools: ["esbuild@0.28.2"],
    files: {
      "build.mjs": `import { build } from "esbuild";
await build({
  entryPoints: { main: "main.js", worker: "ashlar/worker.js" },
  bundle: true, splitting: true, format: "esm", platform: "browser", target: "es2022",
  outdir: "out", logLevel: "error",
});
${HTML}`,
    },
  },
  {
    name: "vite",
    tools: ["vite@8.3.8"],
    files: {
      "build.mjs": `import { build } from "vite";
await build({
  logLevel: "error", base: "./", worker: { format: "es" },
  build: {
    outDir: "out", target: "es2022", modulePreload: false,
    rollupOptions: { output: { entryFileNames: "main.js" } },
  },
});
`,
    },
  },
  {
    name: "rollup",
    tools: ["rollup@4.68.7", "@rollup/plugin-node-resolve@16.0.3"],
    files: {
      "build.mjs": `import { rollup } from "rollup";
import { nodeResolve } from "@rollup/plugin-node-resolve";
const bundle = await rollup({
  input: { main: "main.js", worker: "ashlar/worker.js" },
  plugins: [nodeResolve({ browser: true })],
});
await bundle.write({ dir: "out", format: "es" });
${HTML}`,
    },
  },
  {
    name: "webpack",
    tools: ["webpack@5.112.2"],
    files: {
      "build.mjs": `import { resolve } from "node:path";
import webpack from "webpack";
const compiler = webpack({
  mode: "production", target: ["web", "es2022"], entry: { main: "./main.js" },
  experiments: { outputModule: true },
  output: { path: resolve("out"), filename: "[name].js", module: true, chunkFormat: "module" },
});
await new Promise((done, fail) => {
  compiler.run((error, stats) => {
    if (error ?? stats.hasErrors()) fail(error ?? new Error(stats.toString("errors-only")));
    else done();
  });
});
${HTML}`,
    },
  },
];
