// Finds nats-server, and starts it on free ports of this machine: for tests and `npm run test:scale`.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Where Debian has it, which is not on everybody's PATH. */
const CANDIDATES = ["nats-server", "/usr/sbin/nats-server"];

export const NOT_FOUND = "not run: nats-server not found (apt-get install nats-server)";

/** Milliseconds until a server must be ready, and until it must have ended. */
const READY = 10_000;
const ENDED = 5000;

/**
 * The server's program, or undefined.
 * @param {{ install?: boolean, candidates?: readonly string[] }} [options]  install: with apt-get where
 *   there is none
 */
export function findNatsServer({ install = false, candidates = CANDIDATES } = {}) {
  const runs = (/** @type {string} */ binary) => spawnSync(binary, ["--version"]).status === 0;
  const found = candidates.find(runs);
  if (found !== undefined || !install) return found;
  const { status } = spawnSync("apt-get", ["install", "-y", "nats-server"], { stdio: "inherit" });
  return status === 0 ? candidates.find(runs) : undefined;
}

/**
 * @typedef {object} NatsServer
 * @property {string} url           for connect() of @nats-io/transport-node
 * @property {string} websocketUrl  for wsconnect() of @nats-io/nats-core
 * @property {number} pid
 * @property {() => Promise<void>} stop  ends it; again is fine
 */

/**
 * The configuration that docs/nats.md shows, on ports of 127.0.0.1 that the server chooses.
 * @param {number} maxPayload
 * @param {string} portsFolder
 * @param {string} more
 */
const configuration = (maxPayload, portsFolder, more) => `
listen: "127.0.0.1:-1"
max_payload: ${maxPayload}
write_deadline: "60s"
websocket { listen: "127.0.0.1:-1", no_tls: true }
ports_file_dir: ${JSON.stringify(portsFolder)}
${more}
`;

/**
 * Starts a server; resolves when it takes connections.
 * @param {string} binary
 * @param {{ maxPayload?: number, more?: string }} [options]  maxPayload in bytes, 1 MB by default; more:
 *   lines of configuration
 * @returns {Promise<NatsServer>}
 */
export async function startNatsServer(binary, { maxPayload = 1_048_576, more = "" } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "ashlar-nats-"));
  const config = join(folder, "nats.conf");
  writeFileSync(config, configuration(maxPayload, folder, more));
  const child = spawn(binary, ["-c", config], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => {
    log = (log + chunk).slice(-4000);
  });
  const ended = new Promise((resolve) => {
    child.on("exit", resolve).on("error", (error) => {
      log = error.message;
      resolve(undefined);
    });
  });
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    child.kill("SIGTERM");
    await Promise.race([ended, delay(ENDED, undefined, { ref: false })]);
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const ports = await Promise.race([ended, readPorts(folder)]);
  if (!ports?.nats) {
    await stop();
    throw new Error(`${binary} did not start: ${log}`);
  }
  const { pid = 0 } = child;
  const [websocketUrl] = ports.websocket;
  return { url: ports.nats[0], websocketUrl, pid, stop };
}

/**
 * What the server writes when it has its ports; undefined where it does not in time.
 * @param {string} folder
 * @returns {Promise<{ nats: string[], websocket: string[] } | undefined>}
 */
async function readPorts(folder) {
  for (let waited = 0; waited < READY; waited += 50) {
    const name = readdirSync(folder).find((entry) => entry.endsWith(".ports"));
    try {
      if (name !== undefined) return JSON.parse(readFileSync(join(folder, name), "utf8"));
    } catch {
      // it is being written
    }
    await delay(50);
  }
  return undefined;
}
