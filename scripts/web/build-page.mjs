// Builds the page of examples/browser into a folder that any web server can serve.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { packData } from "./pack-data.mjs";
import { headersOf } from "./site.mjs";
import { ROOT, viteOptions } from "./vite-options.mjs";

const PUBLIC = join(ROOT, "out/web/public");

/** Packs the data. @returns the folder that holds data/ */
export async function preparePublic() {
  await packData(join(ROOT, "dist"), join(PUBLIC, "data"));
  return PUBLIC;
}

/** @param {string} outDir  emptied first */
export async function buildPage(outDir) {
  const { build } = await import("vite");
  await build(viteOptions({ publicDir: await preparePublic(), outDir }));
  // The format of Netlify and Cloudflare Pages; other servers are told the same in their own way.
  const lines = Object.entries(headersOf(true)).map(([name, value]) => `  ${name}: ${value}\n`);
  writeFileSync(join(outDir, "_headers"), `/*\n${lines.join("")}`);
}
