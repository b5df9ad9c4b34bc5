// Makes the API reference out of the docstrings: node scripts/api-docs.mjs [--out FOLDER]
//
// Into docs/api/, which is not committed, or another folder. A warning fails it: an exported name
// without a docstring, a link to nothing, a type that a signature names and no entry exports. Needs
// the npm registry for typedoc and for the TypeScript that it reads the sources with.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { makeApiDocs } from "./pack/api-docs.mjs";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));

async function main() {
  const { values } = parseArgs({
    options: { out: { type: "string", default: join(ROOT, "docs/api") } },
  });
  const out = resolve(values.out);
  const work = realpathSync(mkdtempSync(join(tmpdir(), "ashlar-api-docs-")));
  try {
    const { names, warnings } = await makeApiDocs(ROOT, work, out);
    for (const warning of warnings) console.error(warning);
    console.log(`${names} names, ${warnings.length} warnings`);
    console.log(`open ${pathToFileURL(join(out, "index.html"))}`);
    if (warnings.length > 0) process.exitCode = 1;
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
