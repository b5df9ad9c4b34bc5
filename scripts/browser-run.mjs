// Opens pages in a browser, waits for what they report, and ends the browser.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */

const running = /** @type {Set<ChildProcess>} */ (new Set());

/** A browser has children; they are of its process group. @param {ChildProcess} child */
function kill(child) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has gone by itself.
  }
}
process.on("exit", () => {
  for (const child of running) kill(child);
});
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.once(signal, () => process.exit(130));
}

/**
 * @typedef {object} Stage
 * @property {string} path
 * @property {number} lingerMs  how long it goes on after its report
 * @property {boolean} [gpu]    with WebGL and WebGPU
 */

/**
 * What pages of a site report, one after the other, each in a browser of its own that is killed
 * afterwards; all over one new profile. Throws where a browser ends first, or the time does.
 * @param {import("./find-browsers.mjs").Browser} browser
 * @param {import("./browser-server.mjs").Site} site
 * @param {Stage[]} stages
 * @param {number} limitMs  for each
 * @returns {Promise<unknown[]>}
 */
export async function openPages(browser, site, stages, limitMs) {
  const home = mkdtempSync(join(tmpdir(), "ashlar-browser-"));
  const profile = join(home, "profile");
  mkdirSync(profile);
  browser.prepare(
    profile,
    stages.some(({ gpu }) => gpu === true),
  );
  const reports = [];
  try {
    for (const { path, lingerMs, gpu } of stages) {
      const argv = browser.argv(profile, site.origin + path, gpu);
      const report = await openPage(/** @type {string} */ (browser.binary), argv, {
        home,
        site,
        limitMs,
        lingerMs,
      });
      reports.push(report);
    }
    return reports;
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/**
 * @param {string} binary
 * @param {string[]} argv
 * @param {{ home: string, site: import("./browser-server.mjs").Site, limitMs: number, lingerMs: number }} options
 */
async function openPage(binary, argv, { home, site, limitMs, lingerMs }) {
  const child = spawn(binary, argv, {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    // What it leaves outside of its profile goes with it.
    env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home },
  });
  running.add(child);
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    said = (said + text).slice(-2_000);
  });
  const ended = new Promise((resolve) => {
    child.once("error", ({ message }) => resolve(message));
    child.once("close", (code, signal) => resolve(`exit code ${code ?? signal}`));
  });
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  try {
    const report = await new Promise((resolve, reject) => {
      const fail = (/** @type {string} */ why) => {
        const last = said.trim().split("\n").at(-1);
        reject(new Error(last ? `${why}; the browser's last words: ${last}` : why));
      };
      site.onReport = resolve;
      timer = setTimeout(() => fail(`no report within ${limitMs / 1000} s`), limitMs);
      ended.then((how) => fail(`the browser ended before it reported: ${how}`));
    });
    await new Promise((resolve) => setTimeout(resolve, lingerMs));
    return report;
  } finally {
    clearTimeout(timer);
    site.onReport = () => {};
    kill(child);
    await ended;
    running.delete(child);
  }
}
