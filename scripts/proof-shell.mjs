// Runs the proof in JavaScriptCore's shell, jsc, which is an engine and nothing else: it knows no
// packages, and lacks what browsers and Node add to the language.
//
// Debian, Ubuntu: apt-get install libjavascriptcoregtk-4.0-bin

import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packagesAt, withPaths } from "./browser-server.mjs";
import { linesOf } from "./program-lines.mjs";

const FOLDERS = ["assembly", "src", "tests/engines", "tests/reference"];

/** @typedef {import("./proof-engines.mjs").Request} Request */

/** The shell where there is one; it does not tell its version. @returns {string | undefined} */
export function findShell() {
  const { status, stdout } = spawnSync("jsc", ["-e", "print(typeof WebAssembly)"], {
    encoding: "utf8",
  });
  return status === 0 && stdout.trim() === "object" ? "jsc" : undefined;
}

/**
 * The lines that the program prints there.
 * @param {string} binary
 * @param {{ dist: string, packages: string, limitMs: number }} options  packages: a node_modules folder
 * @param {Request} request
 * @returns {Promise<string[]>}
 */
export async function runInShell(binary, { dist, packages, limitMs }, request) {
  const folder = mkdtempSync(join(tmpdir(), "proof-shell-"));
  try {
    copyModules(dist, packages, folder);
    const program = join(folder, "program.mjs");
    writeFileSync(program, programFor(request));
    const lines = await linesOf(binary, [program], limitMs);
    // The shell's exit code says nothing.
    const [, why] = /^failed (.*)$/.exec(lines.at(-1) ?? "") ?? [];
    if (why !== undefined) throw new Error(why);
    return lines;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Copies as much of a build as the proof needs, with paths in the place of the packages' names.
 * @param {string} dist
 * @param {string} packages
 * @param {string} folder
 */
function copyModules(dist, packages, folder) {
  const paths = packagesAt(packages);
  for (const top of FOLDERS) {
    for (const name of readdirSync(join(dist, top), { recursive: true, encoding: "utf8" })) {
      const path = join(top, name);
      if (!path.endsWith(".js") || !statSync(join(dist, path)).isFile()) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), withPaths(readFileSync(join(dist, path)), paths));
    }
  }
}

const programFor = (/** @type {Request} */ request) => `
  globalThis.TextEncoder ??= class {
    encode(text) {
      return Uint8Array.from(unescape(encodeURIComponent(text)), (c) => c.charCodeAt(0));
    }
  };
  // Made when modules load; what it is for, the proof has no use for.
  globalThis.TextDecoder ??= class {};
  try {
    const { proofLines } = await import("./tests/engines/proof-lines.js");
    for (const line of await proofLines(${JSON.stringify(request)})) print(line);
  } catch (error) {
    print(\`failed \${error}\`);
  }
`;
