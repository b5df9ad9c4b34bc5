import { spawnSync } from "node:child_process";

/** "one": everything that is timed runs on the same core; "all": wherever the system puts it. */
export type Cores = "one" | "all";

let all: string | undefined;

/**
 * Puts this thread, and the processes that it starts from now on, on one core or on all.
 *
 * Cores of a rented machine differ: a neighbour on the other half of a core makes division and root
 * up to 1.4 times slower, on that core. A rival in a process of its own would be measured on another
 * core than ashlar, and the ratio would be off by as much, for minutes. V8's helpers stay where they
 * are.
 *
 * @returns whether it could: taskset is Linux's
 */
export function useCores(cores: Cores): boolean {
  all ??= affinity();
  if (all === undefined) return false;
  // The last one: systems put their own work on the first.
  const list = cores === "all" ? all : all.split(/[,-]/).at(-1);
  return spawnSync("taskset", ["-cp", String(list), String(process.pid)]).status === 0;
}

/** The list of cores that this thread may run on, "0,1" or "0-7"; undefined without taskset. */
function affinity(): string | undefined {
  const { status, stdout } = spawnSync("taskset", ["-cp", String(process.pid)], {
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim().split(" ").at(-1) : undefined;
}
