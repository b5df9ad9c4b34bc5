// Finds the JavaScript engines that scripts/engines.mjs compares, and installs those of npm.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

const PACKAGES = ["deno@2.9.6", "bun@1.4.5"];

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {string | undefined} binary  undefined where there is none
 * @property {string} version
 * @property {string[]} flags             before the script
 */

/**
 * Installs Deno and Bun, or other packages of npm that hold engines.
 * @param {string} folder
 * @param {string[]} packages
 */
export function install(folder, packages = PACKAGES) {
  mkdirSync(folder, { recursive: true });
  // The packages' own scripts only copy what their platform packages hold.
  const argv = ["install", "--prefix", folder, "--no-save", "--ignore-scripts", ...packages];
  const shell = process.platform === "win32";
  const { status, error } = spawnSync("npm", argv, { stdio: "inherit", shell });
  if (status !== 0) throw new Error(`npm install: ${error?.message ?? `exit code ${status}`}`);
}

/**
 * Programs of the platform packages, best first: "bun-linux-x64" before its "-baseline".
 * @param {string} folder
 * @param {string} scope
 * @param {string} inside  path of the program in its package
 */
export function installed(folder, scope, inside) {
  const packages = join(folder, "node_modules", scope);
  if (!existsSync(packages)) return [];
  const programs = readdirSync(packages)
    .sort()
    .flatMap((name) => ["", ".exe"].map((ending) => join(packages, name, inside + ending)))
    .filter((path) => existsSync(path));
  for (const path of programs) chmodSync(path, 0o755);
  return programs;
}

/**
 * The first of some programs that runs here, with what it says of its version.
 * @param {string[]} candidates
 */
export function firstThatRuns(candidates) {
  for (const binary of candidates) {
    const { status, stdout } = spawnSync(binary, ["--version"], { encoding: "utf8" });
    if (status === 0) return { binary, version: stdout };
  }
  return { binary: undefined, version: "" };
}

/** @param {string} version @param {string | undefined} v8 */
const withV8 = (version, v8) =>
  v8 === undefined ? version : `${version}, V8 ${v8.split(".", 2).join(".")}`;

/**
 * The engines, Node first, whether there are any of them or not.
 * @param {string} folder  where Deno and Bun are installed; the PATH comes second
 * @returns {Engine[]}
 */
export function findEngines(folder) {
  const { node: nodeVersion, v8 } = process.versions;
  const node = ["", "--liftoff-only", "--no-liftoff"].map((flag) => ({
    name: `node ${flag}`.trimEnd(),
    binary: process.execPath,
    version: withV8(nodeVersion, v8),
    flags: flag === "" ? [] : [flag],
  }));
  const deno = firstThatRuns([...installed(folder, "@deno", "deno"), "deno"]);
  const [, denoVersion = "-"] = /^deno (\S+)/.exec(deno.version) ?? [];
  const [, denoV8] = /^v8 (\S+)/m.exec(deno.version) ?? [];
  const bun = firstThatRuns([...installed(folder, "@oven", "bin/bun"), "bun"]);
  return [
    ...node,
    {
      name: "deno",
      binary: deno.binary,
      version: withV8(denoVersion, denoV8),
      // No --allow-net, and nothing to fetch: what runs is what was built.
      flags: [
        ...["run", "--no-prompt", "--no-remote", "--cached-only", "--node-modules-dir=manual"],
        ...["--allow-read", "--allow-write", "--allow-env", "--allow-sys"],
      ],
    },
    {
      name: "bun",
      binary: bun.binary,
      version: bun.version.trim() || "-",
      flags: ["--no-install"],
    },
  ];
}
