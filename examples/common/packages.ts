import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The nearest folder from this module upwards that holds `path`. The compiled module lies deeper
 * than its source (dist/examples/...), and package managers put node_modules where they like.
 */
function findUpwards(path: string): string | undefined {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, path);
    if (existsSync(candidate)) return candidate;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

/** Path of a file of an example's sources, in the project. */
export function exampleFile(example: string, name: string): string {
  const path = findUpwards(join("examples", example, name));
  if (!path) throw new Error(`examples/${example}/${name} is missing from the project`);
  return path;
}

/** @throws Error naming the package if it is not installed */
export function packageFolder(name: string): string {
  const folder = findUpwards(join("node_modules", name));
  if (!folder) throw new Error(`package "${name}" is not installed: run npm install`);
  return folder;
}
