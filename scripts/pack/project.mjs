// A fresh project of a consumer: a folder of its own, what it installs, and what it runs.

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Why something can't be said here: neither passed nor failed. */
export class NotRun extends Error {}

/** What npm says where no registry answers. */
const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/;
const LIMIT_MS = 180_000;

/**
 * @typedef {object} Context
 * @property {string} root      this project
 * @property {string} tarball  the packed package
 * @property {any} manifest    its package.json
 * @property {string} work     where projects are made
 * @property {Record<string, string[]>} exports  what exports.json expects
 * @property {string[]} files    what files.json expects
 * @property {Record<string, import("./sizes.mjs").Size>} budget  what sizes.json allows
 */

/**
 * Makes a project with tools in it, and the package where there is one.
 * @param {{ tarball?: string, work: string }} context
 * @param {string} name
 * @param {{ files?: Record<string, string>, tools?: string[] }} options  tools as name@version
 * @returns {Promise<string>} its folder
 */
export async function freshProject({ tarball, work }, name, { files = {}, tools = [] }) {
  const folder = join(work, name);
  const all = {
    "package.json": JSON.stringify({ name: "consumer", private: true, type: "module" }),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const packages = tarball === undefined ? tools : [tarball, ...tools];
  await npm(["install", ...NO_SCRIPTS, ...packages], folder);
  return folder;
}

/** The scripts of the tools only copy what their platform packages hold. */
const NO_SCRIPTS = ["--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"];

/**
 * @param {string[]} argv
 * @param {string} cwd
 */
export async function npm(argv, cwd) {
  const { code, stdout, stderr } = await spawned("npm", argv, cwd);
  if (code === 0) return stdout;
  if (UNREACHABLE.test(stderr)) throw new NotRun("no registry can be reached");
  throw new Error(`npm ${argv[0]}: ${lastWords(stderr, code)}`);
}

/**
 * Runs a program to its end; throws where it fails.
 * @param {string} command
 * @param {string[]} argv
 * @param {string} cwd
 * @returns {Promise<string>} what it printed
 */
export async function run(command, argv, cwd) {
  const { code, stdout, stderr } = await spawned(command, argv, cwd);
  if (code === 0) return stdout;
  throw new Error(lastWords(stderr.trim() || stdout, code));
}

/** @param {string[]} argv @param {string} cwd */
export const node = (argv, cwd) => run(process.execPath, argv, cwd);

/**
 * @param {string} command
 * @param {string[]} argv
 * @param {string} cwd
 * @returns {Promise<{ code: number | string | null, stdout: string, stderr: string }>}
 */
function spawned(command, argv, cwd) {
  // npm is a script on Windows; a path of a program may hold spaces and must not go by a shell.
  const shell = process.platform === "win32" && command === "npm";
  const child = spawn(command, argv, {
    cwd,
    shell,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    env: { ...process.env, NO_COLOR: "1", npm_config_update_notifier: "false" },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    child.once("error", ({ message }) => resolve({ code: message, stdout, stderr }));
    child.once("close", (code, signal) => resolve({ code: code ?? signal, stdout, stderr }));
  });
}

const MOST_WORDS = 300;

/** @param {string} text @param {number | string | null} code */
function lastWords(text, code) {
  const lines = text.split("\n").map((line) => line.trim());
  const telling = lines.filter((line) => /error|failed/i.test(line));
  const said = (telling.length > 0 ? telling : lines.slice(-3)).join("; ");
  return said === "" ? `exit code ${code}` : said.slice(0, MOST_WORDS);
}
