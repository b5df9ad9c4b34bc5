import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

interface Mpi {
  readonly mpirun: string | undefined;
  readonly version: string;
  readonly flags: readonly string[];
}

const { findMpi } = (await import(pathToFileURL(resolve("scripts/find-mpi.mjs")).href)) as {
  findMpi(names?: readonly string[]): Mpi;
};

export { findMpi };

const PROGRAMS = fileURLToPath(new URL("./programs.js", import.meta.url));

export interface Run {
  readonly code: number | null;
  /** What the ranks reported, in the order of the ranks, each in its own order. */
  readonly reports: readonly (readonly unknown[])[];
  /** What mpirun and the ranks wrote besides. */
  readonly errors: string;
}

/** Runs one of the programs of programs.ts with `size` ranks. */
export function mpirun(
  size: number,
  program: string,
  given: readonly string[] = [],
  flags: readonly string[] = [],
): Run {
  const mpi = findMpi();
  if (mpi.mpirun === undefined) throw new Error(mpi.version);
  const argv = [
    ...[...mpi.flags, ...flags, "-n", String(size)],
    ...[process.execPath, PROGRAMS, program, ...given],
  ];
  const { status, stdout, stderr } = spawnSync(mpi.mpirun, argv, {
    encoding: "utf8",
    timeout: 60_000,
    maxBuffer: 1 << 26,
  });
  const lines = stdout.split("\n").filter((line) => line.startsWith("@"));
  const told = lines.map((line) => JSON.parse(line.slice(1)) as [rank: number, report: unknown]);
  const reports = Array.from({ length: size }, (_, rank) =>
    told.filter(([from]) => from === rank).map(([, report]) => report),
  );
  return { code: status, reports, errors: stderr };
}
