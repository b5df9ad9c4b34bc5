// What a program prints.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));

/**
 * Runs a program to its end, in the project's folder.
 * @param {string} binary
 * @param {string[]} argv
 * @param {number} limitMs
 * @returns {Promise<string[]>} lines
 */
export async function linesOf(binary, argv, limitMs) {
  const scratch = mkdtempSync(join(tmpdir(), "proof-"));
  const { FORCE_COLOR: _, ...env } = process.env;
  const options = /** @type {const} */ ({
    cwd: ROOT,
    encoding: "utf8",
    env: { ...env, NO_COLOR: "1", DENO_DIR: scratch, DENO_NO_UPDATE_CHECK: "1" },
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  /** @type {() => void} */
  let kill = () => {};
  try {
    const stdout = await new Promise((resolve, reject) => {
      const child = execFile(binary, argv, options, (error, printed, stderr) => {
        if (error === null) resolve(printed);
        else
          reject(
            new Error(error.killed ? `no end within ${limitMs / 1000} s` : why(error, stderr)),
          );
      });
      kill = () => void child.kill("SIGKILL");
      process.once("exit", kill);
    });
    return stdout.split(/\r?\n/).filter((/** @type {string} */ line) => line !== "");
  } finally {
    process.off("exit", kill);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {import("node:child_process").ExecFileException} error @param {string} stderr */
function why({ code, signal, message }, stderr) {
  if (typeof code !== "number" && !signal) return message;
  const said = /^(uncaught )?\w*error\b.*/im.exec(stderr)?.[0] ?? stderr.trim().slice(-200);
  return `exit code ${code ?? signal}: ${said.trim()}`;
}
