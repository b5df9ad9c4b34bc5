// The example's programs as processes.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../web/vite-options.mjs";

const EXAMPLE = join(ROOT, "dist/examples/data-parallel");

/**
 * @typedef {{ digest: string, newAccuracy: number, oldAccuracy: number }} Outcome
 *
 * @typedef {object} Program
 * @property {Promise<Outcome>} outcome  rejects with what it wrote to stderr
 * @property {() => void} kill
 */

/**
 * Starts a program of the example, and reads what it comes to.
 * @param {string} command
 * @param {readonly string[]} argv  before --json FILE
 * @param {{ isShown?: boolean }} [options]  whether its output is
 * @returns {Program}
 */
export function start(command, argv, { isShown = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "ashlar-rank-"));
  const json = join(folder, "outcome.json");
  const child = spawn(command, [...argv, "--json", json], {
    stdio: ["ignore", isShown ? "inherit" : "ignore", "pipe"],
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    complaint += text;
  });
  const outcome = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(readFileSync(json, "utf8")));
      else reject(new Error(complaint.trim() || `exit code ${code}`));
      rmSync(folder, { recursive: true, force: true });
    });
  });
  // Whoever waits for another one first hears of it in its turn.
  outcome.catch(() => {});
  return { outcome, kill: () => child.kill("SIGKILL") };
}

/** @param {Record<string, string | number>} flags */
const flagsOf = (flags) =>
  Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`]);

/**
 * A rank over NATS.
 * @param {Record<string, string | number>} flags @param {{ isShown?: boolean }} [options]
 */
export const startNode = (flags, options) =>
  start(process.execPath, [join(EXAMPLE, "nats.js"), ...flagsOf(flags)], options);

/** Ranks as threads of one process. @param {number} ranks @param {number | string} steps */
export const startLocal = (ranks, steps) =>
  start(process.execPath, [join(EXAMPLE, "main.js"), ...flagsOf({ ranks, steps })]);

/**
 * Ranks that mpirun starts.
 * @param {string} mpirun @param {readonly string[]} options @param {number | string} steps
 */
export const startMpi = (mpirun, options, steps) =>
  start(mpirun, [...options, process.execPath, join(EXAMPLE, "mpi.js"), ...flagsOf({ steps })]);

/** The digest of one process with as many micro-batches. @param {number} ranks @param {number | string} steps */
export async function digestAlone(ranks, steps) {
  const flags = flagsOf({ ranks, steps });
  const { digest } = await start(process.execPath, [join(EXAMPLE, "main.js"), "--alone", ...flags])
    .outcome;
  return digest;
}
