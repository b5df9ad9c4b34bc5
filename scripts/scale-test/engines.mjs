// What joins ranks: each way that this machine has.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBrowsers } from "../find-browsers.mjs";
import { findMpi, installMpi } from "../find-mpi.mjs";
import { findNatsServer, NOT_FOUND, startNatsServer } from "../find-nats-server.mjs";
import { openPages } from "./pages.mjs";
import { program, runPrograms } from "./processes.mjs";

/**
 * @typedef {import("./processes.mjs").Job} Job
 * @typedef {import("./processes.mjs").Outcome} Outcome
 *
 * @typedef {object} Engine
 * @property {string} name
 * @property {string} folder  where its ranks save to
 * @property {number} mortal  the rank that can be killed, of three
 * @property {(job: Job, size: number) => Promise<Outcome>} run
 *
 * @typedef {{ name: string, missing: string }} Missing
 */

export const NAMES = ["threads", "mpi", "nats", "nats + page"];

/**
 * The engines that are asked for, and what must be closed in the end.
 * @param {readonly string[]} only
 */
export async function openEngines(only) {
  const engines = /** @type {Engine[]} */ ([]);
  const missing = /** @type {Missing[]} */ ([]);
  const closers = /** @type {(() => void | Promise<void>)[]} */ ([]);
  const makeFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), "ashlar-shards-"));
    closers.push(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  };
  if (only.includes("threads")) engines.push(threads(makeFolder()));
  if (only.includes("mpi")) {
    const mpi = findOrInstallMpi();
    if (mpi.mpirun === undefined) missing.push({ name: "mpi", missing: mpi.version });
    else engines.push(openMpi(mpi.mpirun, mpi.flags, makeFolder()));
  }
  if (only.includes("nats") || only.includes("nats + page")) {
    const binary = findNatsServer({ install: mayInstall() });
    const asked = ["nats", "nats + page"].filter((name) => only.includes(name));
    if (binary === undefined) {
      missing.push(...asked.map((name) => ({ name, missing: NOT_FOUND.replace("not run: ", "") })));
    } else {
      const server = await startNatsServer(binary);
      closers.push(() => server.stop());
      if (only.includes("nats")) engines.push(nats(server, makeFolder()));
      const browser = findBrowsers().find((found) => found.binary !== undefined);
      if (only.includes("nats + page")) {
        if (browser === undefined) {
          missing.push({ name: "nats + page", missing: "no browser found" });
        } else {
          const pages = await openPages(browser, server);
          closers.push(() => pages.close());
          engines.push(natsAndPage(server, pages));
        }
      }
    }
  }
  const close = async () => {
    for (const each of closers.reverse()) await each();
  };
  return { engines, missing, close };
}

const mayInstall = () => process.platform === "linux" && process.getuid?.() === 0;

function findOrInstallMpi() {
  const found = findMpi();
  if (found.mpirun !== undefined || !mayInstall()) return found;
  try {
    installMpi();
  } catch (error) {
    return { ...found, version: `${found.version} (${/** @type {Error} */ (error).message})` };
  }
  return findMpi();
}

/** @param {string} folder @returns {Engine} */
const threads = (folder) => ({
  name: "threads",
  folder,
  mortal: 1,
  run: (job, size) =>
    runPrograms(size, (reports) => [
      [process.execPath, program("local.js"), JSON.stringify(job), reports, `${size}`],
    ]),
});

/** @param {string} mpirun @param {readonly string[]} flags @param {string} folder @returns {Engine} */
const openMpi = (mpirun, flags, folder) => ({
  name: "mpi",
  folder,
  mortal: 1,
  run: (job, size) =>
    runPrograms(size, (reports) => [
      [
        ...[mpirun, ...flags, "-n", `${size}`],
        ...[process.execPath, program("mpi.js"), JSON.stringify(job), reports],
      ],
    ]),
});

let groups = 0;

/** @param {string} url @param {string} group @param {Job} job @param {number} rank @param {number} size */
const natsRank = (url, group, job, rank, size) => (/** @type {string} */ reports) => [
  ...[process.execPath, program("nats.js"), JSON.stringify(job), reports],
  ...[url, group, `${rank}`, `${size}`],
];

/** @param {import("../find-nats-server.mjs").NatsServer} server @param {string} folder @returns {Engine} */
const nats = ({ url }, folder) => ({
  name: "nats",
  folder,
  mortal: 1,
  run(job, size) {
    const group = `scale-${++groups}`;
    const ranks = Array.from({ length: size }, (_, rank) => natsRank(url, group, job, rank, size));
    return runPrograms(size, (reports) => ranks.map((rank) => rank(reports)));
  },
});

/**
 * Processes, and a page as the last rank.
 * @param {import("../find-nats-server.mjs").NatsServer} server
 * @param {import("./pages.mjs").Pages} pages
 * @returns {Engine}
 */
const natsAndPage = ({ url }, pages) => ({
  name: "nats + page",
  folder: pages.folder,
  mortal: 2,
  run(job, size) {
    const group = `scale-${++groups}`;
    const others = Array.from({ length: size - 1 }, (_, rank) =>
      natsRank(url, group, job, rank, size),
    );
    const rank = size - 1;
    return runPrograms(
      size,
      (reports) => others.map((other) => other(reports)),
      (reports) => pages.run({ job: JSON.stringify(job), group, rank, size }, reports),
    );
  },
});
