// What the package costs: bytes of each entry, minified and by brotli, against sizes.json.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { entriesOf } from "./entries.mjs";
import { freshProject, node } from "./project.mjs";

/** With all that an entry loads on demand. */
const BUILD = `import { build } from "esbuild";
for (const [i, entry] of JSON.parse(process.argv[2]).entries()) {
  await build({
    stdin: { contents: "export * from " + JSON.stringify(entry), resolveDir: "." },
    bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022",
    outfile: "out/" + i + ".js", logLevel: "error",
    // An optional package of native code.
    external: ["koffi"],
  });
}
`;

/**
 * @typedef {{ bytes: number, brotli?: number }} Size
 * @param {Record<string, Size>} sizes   what there is
 * @param {Record<string, Size>} budget  what there may be
 * @returns {string[]} what is wrong
 */
export function overBudget(sizes, budget) {
  const unknown = Object.keys(budget).filter((name) => !(name in sizes));
  const wrong = Object.entries(sizes).flatMap(([name, size]) => {
    const most = budget[name];
    if (!most) return [`${name}: expected a budget in sizes.json, got ${JSON.stringify(size)}`];
    return /** @type {const} */ (["bytes", "brotli"])
      .filter((kind) => Number(size[kind]) > Number(most[kind]))
      .map((kind) => `${name}: expected at most ${most[kind]} ${kind}, got ${size[kind]}`);
  });
  return [...wrong, ...unknown.map((name) => `${name}: has a budget, and is not in the package`)];
}

/** @param {string} path @returns {Size} */
const sizeOf = (path) => ({
  bytes: statSync(path).size,
  brotli: brotliCompressSync(readFileSync(path)).length,
});

/** @param {import("./project.mjs").Context} context */
export async function sizes(context) {
  const folder = await freshProject(context, "sizes", {
    files: { "build.mjs": BUILD },
    tools: ["esbuild@0.28.2"],
  });
  const { manifest, tarball, budget } = context;
  const core = join(folder, "node_modules", manifest.name, "dist/core.wasm");
  const entries = entriesOf(manifest);
  await node(["build.mjs", JSON.stringify(entries)], folder);
  const found = Object.fromEntries([
    ...entries.map((entry, i) => [entry, sizeOf(join(folder, "out", `${i}.js`))]),
    [`${manifest.name}/core.wasm`, sizeOf(core)],
    ["tarball", { bytes: statSync(tarball).size }],
  ]);
  const wrong = overBudget(found, budget);
  if (wrong.length > 0) throw new Error(wrong.join("; "));
  return Object.entries(found)
    .map(([name, { bytes, brotli }]) => `${name} ${kilo(bytes)}${brotli ? `/${kilo(brotli)}` : ""}`)
    .join(", ");
}

/** @param {number} bytes */
const kilo = (bytes) => `${(bytes / 1000).toFixed(1)}k`;
