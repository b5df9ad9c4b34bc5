// Finds Open MPI's mpirun, and installs it where asked: what needs it says "not run" where there is none.

import { spawnSync } from "node:child_process";

/** Debian's name first: `mpirun` may be MPICH's where both are installed. */
const NAMES = ["mpirun.openmpi", "mpirun"];

/**
 * @typedef {object} Mpi
 * @property {string | undefined} mpirun  undefined where there is none
 * @property {string} version             or why there is none
 * @property {string[]} flags             for this machine, before `-n`
 */

/**
 * @param {readonly string[]} names programs to try
 * @returns {Mpi}
 */
export function findMpi(names = NAMES) {
  const others = [];
  for (const name of names) {
    const { status, stdout } = spawnSync(name, ["--version"], {
      encoding: "utf8",
      timeout: 20_000,
    });
    if (status !== 0) continue;
    const [version] = stdout.split("\n", 1);
    if (version.includes("Open MPI")) return { mpirun: name, version, flags: flags() };
    others.push(`${name} is ${version.slice(0, 60)}`);
  }
  const what = others.length > 0 ? `, ${others.join(", ")}` : "";
  const version = `no mpirun of Open MPI in the PATH${what}: apt-get install openmpi-bin`;
  return { mpirun: undefined, version, flags: [] };
}

function flags() {
  // Root is who runs in most containers. More ranks than cores are fine: these runs are small.
  const root = process.getuid?.() === 0 ? ["--allow-run-as-root"] : [];
  // Bound to one core, the threads of a rank would wait for each other.
  return [...root, "--oversubscribe", "--bind-to", "none"];
}

/** Installs Debian's package; needs root. */
export function installMpi() {
  for (const argv of [["update"], ["install", "-y", "--no-install-recommends", "openmpi-bin"]]) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const { status, error } = spawnSync("apt-get", ["-q", ...argv], { stdio: "inherit", env });
    if (status !== 0) {
      throw new Error(`apt-get ${argv[0]}: ${error?.message ?? `exit code ${status}`}`);
    }
  }
}
