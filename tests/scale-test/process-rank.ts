import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Collective } from "../../src/sharded/index.ts";
import type { Job, Report } from "./task.ts";
import { doTask, type Surroundings } from "./train.ts";

/** A process's or a thread's place: the file system is at hand. */
export interface Place {
  /** Where reports go. */
  readonly reports: string;
  /** Ends this rank at once. */
  readonly kill: () => void;
  readonly wire?: () => number | null;
}

/** Does a job, and writes what came of it to a file, at once: some have little time then. */
export async function doJob(
  collective: Collective,
  { tasks }: Job,
  { reports: folder, kill, wire = () => null }: Place,
): Promise<Report[]> {
  const { rank } = collective;
  const reports: Report[] = [];
  const around: Surroundings = {
    source: (path) => path,
    target: (path) => path,
    die: () => {
      writeFileSync(join(folder, "killed"), `${Date.now()}`);
      kill();
      return new Promise(() => {});
    },
    wire,
  };
  for (const task of tasks) {
    reports.push(await doTask(collective, task, around));
    writeFileSync(join(folder, `${rank}.json`), JSON.stringify(reports));
    if (reports.at(-1)?.kind === "lost") break;
  }
  return reports;
}
