// Finds WebKitGTK's MiniBrowser, and a display that nobody sees: it has no mode without a window.
//
// Debian, Ubuntu: apt-get install webkit2gtk-driver xvfb

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const LIBRARIES = ["/usr/lib", "/usr/lib64", "/usr/libexec"];
const VERSIONS = ["webkitgtk-6.0", "webkit2gtk-4.1", "webkit2gtk-4.0"];
const PATIENCE_MS = 30_000;

/** @returns {string | undefined} */
function miniBrowser() {
  const folders = LIBRARIES.filter(existsSync).flatMap((folder) => [
    folder,
    // As in /usr/lib/x86_64-linux-gnu.
    ...readdirSync(folder)
      .filter((name) => name.includes("-linux-"))
      .map((name) => join(folder, name)),
  ]);
  return VERSIONS.flatMap((version) =>
    folders.map((folder) => join(folder, version, "MiniBrowser")),
  ).find((path) => existsSync(path));
}

/** @typedef {{ name: string, close: () => void }} Display */

/** Starts a display. @returns {Promise<Display | undefined>} undefined where there is no Xvfb */
async function openDisplay() {
  const argv = ["-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp"];
  const server = spawn("Xvfb", argv, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const close = () => void server.kill();
  process.once("exit", close);
  const number = await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
    const settle = (/** @type {string | undefined} */ text) => {
      clearTimeout(timer);
      resolve(text);
    };
    server.once("error", () => settle(undefined));
    server.once("exit", () => settle(undefined));
    server.stdio[3]?.once("data", (/** @type {Buffer} */ text) => settle(String(text).trim()));
  });
  if (number !== undefined) return { name: `:${number}`, close };
  close();
  return undefined;
}

/**
 * The browser; close it in the end.
 * @returns {Promise<import("./find-browsers.mjs").Browser & { close: () => void }>}
 */
export async function openWebKit() {
  const path = miniBrowser();
  const display = path === undefined ? undefined : await openDisplay();
  const environment = [
    `DISPLAY=${display?.name}`,
    // Off by default: without it there is no shared memory.
    "JSC_useSharedArrayBuffer=1",
    // Its sandbox does not start in most containers, and all pages are ours.
    "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1",
    "WEBKIT_DISABLE_COMPOSITING_MODE=1",
    "GDK_BACKEND=x11",
    "NO_AT_BRIDGE=1",
  ];
  const found = display && path !== undefined ? versionOf(environment, path) : undefined;
  return {
    name: "webkitgtk",
    binary: found === undefined ? undefined : "env",
    version: found ?? "-",
    prepare() {},
    argv: (_profile, url) => [...environment, /** @type {string} */ (path), url],
    close: () => display?.close(),
  };
}

/** @param {string[]} environment @param {string} path */
function versionOf(environment, path) {
  const argv = [...environment, path, "--version"];
  const { status, stdout } = spawnSync("env", argv, { encoding: "utf8", timeout: PATIENCE_MS });
  return status === 0 ? (/\d+(\.\d+)+/.exec(stdout)?.[0] ?? "?") : undefined;
}
