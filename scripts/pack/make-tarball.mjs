// Packs the package from a copy of the project: what is built in the project itself stays as it is.

import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { node, npm } from "./project.mjs";

/** Not of the package, and large or linked. */
const LEFT = new Set(["node_modules", "dist", "out", ".git"]);

/**
 * @param {string} root  the project
 * @param {string} work  where the copy is made
 * @returns {Promise<string>} the path of the tarball
 */
export async function makeTarball(root, work) {
  const copy = join(work, "copy");
  mkdirSync(copy);
  for (const name of readdirSync(root)) {
    if (!LEFT.has(name)) cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  const packages = join(root, "node_modules");
  if (!existsSync(packages)) throw new Error("expected node_modules, got none. Run npm ci first");
  symlinkSync(packages, join(copy, "node_modules"), "junction");
  await node(["scripts/build.mjs"], copy);
  const [packed] = JSON.parse(
    await npm(["pack", "--json", "--ignore-scripts", "--pack-destination", work], copy),
  );
  return join(work, packed.filename);
}
