import { spawnSync } from "node:child_process";

/** "one": everything that is timed runs on the same core; "all": wherever the system puts it. */
export type Cores = "one" | "all";

let all: string | undefined;

/**
 * Puts this thread, and the processes that it starts from now on, on one core or on all.
 *
 * Cores of a rented machine differ: a neighbour on the other half of a core makes division and root
 * up to 1.4 times slower, on that core. A rival in a process of its own would be measured on another
 * core than ashlar, and the ratio would be off by as much, for minutes. The one core is the one that
 * divides fastest at the moment. V8's helpers stay where they are.
 *
 * @returns whether it could: taskset is Linux's
 */
export function useCores(cores: Cores): boolean {
  all ??= affinity();
  if (all === undefined) return false;
  return pin(cores === "all" ? all : quietest(numbers(all)));
}

const pin = (list: string) => spawnSync("taskset", ["-cp", list, String(process.pid)]).status === 0;

/** The list of cores that this thread may run on, "0,1" or "0-7"; undefined without taskset. */
function affinity(): string | undefined {
  const { status, stdout } = spawnSync("taskset", ["-cp", String(process.pid)], {
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim().split(" ").at(-1) : undefined;
}

/** "0,2-4" as "0", "2", "3", "4". */
function numbers(list: string): string[] {
  return list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => String(first + i));
  });
}

function quietest(cores: readonly string[]): string {
  const probed = cores.map((core) => {
    pin(core);
    const times = Array.from({ length: 9 }, divide).sort((a, b) => a - b);
    return { core, time: times[4] };
  });
  return probed.reduce((best, of) => (of.time < best.time ? of : best)).core;
}

const numerators = new Float64Array(1024).fill(3);

/** How long a fixed number of divisions and roots takes. */
function divide(): number {
  const begin = performance.now();
  for (let round = 0; round < 2000; round++) {
    for (let i = 0; i < numerators.length; i++) {
      numerators[i] = 1 + Math.sqrt(numerators[i]) / (numerators[i] + 1);
    }
  }
  return performance.now() - begin;
}
