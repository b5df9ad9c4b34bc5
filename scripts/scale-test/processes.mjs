// Ranks that are processes or threads, and what they report.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../web/vite-options.mjs";

/**
 * @typedef {import("../../tests/scale-test/task.ts").Job} Job
 * @typedef {import("../../tests/scale-test/task.ts").Report} Report
 *
 * @typedef {object} Outcome
 * @property {(Report[] | null)[]} reports  by rank; null of one that has not come so far
 * @property {number} killedAt              milliseconds of the clock; NaN where nobody was
 * @property {string} said                  what the engine wrote to stderr
 */

/** Milliseconds after which a program is ended. */
const LIMIT_MS = 120_000;

/** A program of tests/scale-test. @param {string} name */
export const program = (name) => join(ROOT, "dist/tests/scale-test", name);

/**
 * Runs programs that report to one folder, until all have ended.
 * @param {number} size  ranks
 * @param {(folder: string) => readonly (readonly string[])[]} commands
 * @param {(folder: string) => Promise<void>} [meanwhile]
 * @returns {Promise<Outcome>}
 */
export async function runPrograms(size, commands, meanwhile = async () => {}) {
  const folder = mkdtempSync(join(tmpdir(), "ashlar-scale-"));
  try {
    const running = commands(folder).map(run);
    const [said] = await Promise.all([Promise.all(running), meanwhile(folder)]);
    const killed = join(folder, "killed");
    return {
      reports: Array.from({ length: size }, (_, rank) => reportOf(join(folder, `${rank}.json`))),
      killedAt: existsSync(killed) ? Number(readFileSync(killed, "utf8")) : Number.NaN,
      said: said.join(""),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {readonly string[]} command @returns {Promise<string>} what it wrote to stderr */
function run([command, ...argv]) {
  const child = spawn(command, argv, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const timer = setTimeout(() => {
    said += `ended after ${LIMIT_MS} ms`;
    child.kill("SIGKILL");
  }, LIMIT_MS);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      clearTimeout(timer);
      resolve(said);
    });
  });
}

/** @param {string} path @returns {Report[] | null} */
const reportOf = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null);
