// Checks the architecture: node scripts/check-imports.mjs [root]
//
// Arrows run one way, as the table in layers.mjs says: a file that fits no layer, an import
// that no row allows and a circle are errors. So are the engine-dependent functions of Math, and
// WebAssembly memory outside of its one owner.

import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, posix, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import {
  BUILT_ON,
  COMMON,
  EXACT_MATH,
  LAYERS,
  MATH_ROOTS,
  MATHS,
  ROOTS,
  SELF_USERS,
} from "./layers.mjs";
import { importsOf, tokensOf } from "./source-tokens.mjs";

/** Imports a module of the user's, whose path the command line gives; no bundler sees it. */
const USERS_MODULE = "src/bin/verify/load-module.ts";

/** @typedef {import("./layers.mjs").Layer} Layer */

/**
 * @typedef {object} SourceFile
 * @property {string} path   from the root, with forward slashes
 * @property {Layer | undefined} layer
 * @property {import("./source-tokens.mjs").Token[]} tokens
 * @property {Edge[]} edges  imports of files of the project
 * @typedef {{ to: string, line: number }} Edge
 */

/** @param {string} path */
const layerOf = (path) => LAYERS.find(({ files }) => files.test(path));

/** @param {string} root @returns {SourceFile[]} */
function readSources(root) {
  const paths = ROOTS.flatMap((folder) => {
    try {
      return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map(
        (name) => `${folder}/${name.split(sep).join("/")}`,
      );
    } catch {
      return []; // a tree need not have all of them
    }
  });
  return paths
    .filter((path) => /\.[cm]?[jt]s$/.test(path))
    .sort()
    .map((path) => {
      const tokens = tokensOf(readFileSync(join(root, path), "utf8"));
      return { path, layer: layerOf(path), tokens, edges: [] };
    });
}

/**
 * The file that a relative specifier means; asc writes it without the extension.
 * @param {string} path
 * @param {string} specifier
 */
function target(path, specifier) {
  const joined = posix.join(posix.dirname(path), specifier);
  return /\.[cm]?[jt]s$/.test(joined) ? joined : `${joined}.ts`;
}

/**
 * What is wrong with one import, or undefined. Fills `file.edges`.
 * @param {SourceFile} file
 * @param {import("./source-tokens.mjs").Import} imported
 * @param {{ name: string, dependencies: Set<string> }} manifest
 * @returns {string | undefined}
 */
function judgeImport(file, { specifier, typeOnly, line }, manifest) {
  const { path } = file;
  const layer = /** @type {Layer} */ (file.layer);
  const inSrc = path.startsWith("src/");
  if (specifier === undefined) {
    // Tests may load what they build; shipped code is bundled and must be readable by tools.
    return inSrc && path !== USERS_MODULE ? "import() needs a literal specifier" : undefined;
  }
  if (!specifier.startsWith(".")) return judgePackage(path, layer, specifier, manifest);
  if (specifier.endsWith(".wasm")) {
    return path === "src/index.workerd.ts" ? undefined : `imports a binary: ${specifier}`;
  }
  const to = target(path, specifier);
  file.edges.push({ to, line });
  const other = layerOf(to);
  if (!other) return `imports ${to}, which belongs to no layer`;
  if (layer.name === "examples") {
    const own = path.split("/").slice(0, 2).join("/");
    const folders = [own, COMMON, ...(BUILT_ON[own] ?? [])];
    if (folders.some((folder) => to.startsWith(`${folder}/`)) || to === path) return undefined;
    return `an example imports "${manifest.name}" and its own folder only, not ${to}`;
  }
  if (other === layer || layer.may.includes(other.name)) return undefined;
  if (layer.types?.includes(other.name)) {
    return typeOnly ? undefined : `${layer.name} may import only types of ${other.name}: ${to}`;
  }
  return `${layer.name} must not import ${other.name}: ${to}`;
}

/**
 * @param {string} path
 * @param {Layer} layer
 * @param {string} specifier
 * @param {{ name: string, dependencies: Set<string> }} manifest
 */
function judgePackage(path, layer, specifier, { name, dependencies }) {
  const depth = specifier.startsWith("@") ? 2 : 1;
  const packageName = specifier.split("/").slice(0, depth).join("/");
  const inSrc = path.startsWith("src/");
  if (specifier.startsWith("node:") || builtinModules.includes(packageName)) {
    const allowed = inSrc ? layer.name === "bin" : !path.startsWith("assembly/");
    return allowed ? undefined : `only src/bin may import Node's modules: "${specifier}"`;
  }
  if (packageName === name) {
    return SELF_USERS.includes(layer.name) ? undefined : `imports its own package "${specifier}"`;
  }
  if (packageName === "@assemblyscript/loader" && path !== "src/core/kernel.ts") {
    return `only src/core/kernel.ts may import "${packageName}"`;
  }
  if (path.startsWith("assembly/")) return `assembly imports only assembly: "${specifier}"`;
  if (inSrc && !dependencies.has(packageName)) {
    return `"${packageName}" is no dependency in package.json`;
  }
  return undefined;
}

/**
 * What is wrong with the text itself.
 * @param {SourceFile} file
 * @returns {[line: number, message: string][]}
 */
function judgeText({ path, tokens }) {
  const found = /** @type {[number, string][]} */ ([]);
  const owns = path === "src/core/memory.ts";
  tokens.forEach(({ text, line }, i) => {
    const next = tokens[i + 1]?.text ?? "";
    const after = tokens[i + 2]?.text ?? "";
    const member = next === "." || next === "?.";
    if (MATH_ROOTS.test(path)) {
      if (text === "**" || text === "**=") {
        found.push([line, `${text} differs between engines: use ipow or pow of src/numbers`]);
      } else if (MATHS.has(text) && !(member && EXACT_MATH.has(after))) {
        const what = member ? `${text}.${after}` : `${text} other than ${text}.name`;
        found.push([line, `${what} may differ between engines: use src/numbers`]);
      }
    }
    if (!path.startsWith("src/") || owns) return;
    if (text === "new" && next === "WebAssembly" && tokens[i + 3]?.text === "Memory") {
      found.push([line, "only src/core/memory.ts makes a WebAssembly.Memory"]);
    } else if (/memory$/i.test(text) && member && after === "buffer") {
      found.push([line, `only src/core/memory.ts makes views of memory: ${text}.buffer`]);
    }
  });
  if (path === "src/index.ts") found.push(...judgeIndex(tokens));
  return found;
}

/**
 * src/index.ts holds re-exports and nothing else.
 * @param {import("./source-tokens.mjs").Token[]} tokens
 * @returns {[line: number, message: string][]}
 */
function judgeIndex(tokens) {
  // Strings became "", so that no contents can look like a statement.
  const text = tokens.map(({ text, value }) => (text === value ? text : '""')).join(" ");
  const rest = text.replace(/export (type )?(\*( as \w+)?|\{[\w ,]*\}) from ""( ;)? ?/g, "");
  return rest === "" ? [] : [[1, `re-exports only, got: ${rest.slice(0, 60)}`]];
}

/**
 * The circles of imports, each once, as a path that ends where it starts.
 * @param {SourceFile[]} files
 */
function findCircles(files) {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set();
  const circles = /** @type {string[][]} */ ([]);
  /** @param {string} path @param {string[]} trail */
  const visit = (path, trail) => {
    const start = trail.indexOf(path);
    if (start >= 0) circles.push([...trail.slice(start), path]);
    if (start >= 0 || done.has(path)) return;
    for (const { to } of byPath.get(path)?.edges ?? []) visit(to, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return circles;
}

/** @param {string} root */
function check(root) {
  const { name, dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  const packages = new Set(Object.keys({ ...dependencies, ...peerDependencies }));
  const files = readSources(root);
  const violations = /** @type {string[]} */ ([]);
  for (const file of files) {
    const { path, layer, tokens } = file;
    if (!layer) {
      violations.push(`${path}: belongs to no layer; add it to scripts/check-imports.mjs`);
      continue;
    }
    for (const imported of importsOf(tokens)) {
      const message = judgeImport(file, imported, { name, dependencies: packages });
      if (message) violations.push(`${path}:${imported.line}: ${message}`);
    }
    for (const [line, message] of judgeText(file)) violations.push(`${path}:${line}: ${message}`);
  }
  for (const circle of findCircles(files)) violations.push(`circle: ${circle.join(" -> ")}`);
  return { count: files.length, violations };
}

const { count, violations } = check(
  resolve(process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url))),
);
for (const violation of violations) console.error(violation);
if (count === 0) console.error("no source files: is this the project's root?");
if (violations.length > 0 || count === 0) process.exitCode = 1;
else console.log(`${count} files, arrows ok`);
