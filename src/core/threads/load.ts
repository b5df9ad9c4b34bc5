import { AshlarError } from "../../errors.ts";
import type { Team } from "../team.ts";

// Threads are asked for by few: their part of the package is only loaded for those.

let makeLoaded: ((threads: number) => Team) | undefined;

/** Loads what `makeTeam` needs, and compiles the core for shared memory. */
export async function loadThreads(): Promise<void> {
  const { WorkerTeam } = await import("./worker-team.ts");
  const { SHARED_CORE } = await import("./shared-core.ts");
  await SHARED_CORE.ready();
  makeLoaded = (threads) => new WorkerTeam(threads);
}

/** @throws AshlarError NOT_READY before loadThreads */
export function makeTeam(threads: number): Team {
  if (makeLoaded) return makeLoaded(threads);
  throw new AshlarError(
    "NOT_READY",
    `"threads" of the options: expected 1 in a constructor, got ${threads}. ` +
      "Use await create(...), which starts the workers",
  );
}

/** Whether threads can share memory here: in a browser the page must be cross-origin isolated. */
export function canShareMemory(): boolean {
  const { crossOriginIsolated = true } = globalThis as { crossOriginIsolated?: boolean };
  return typeof SharedArrayBuffer === "function" && crossOriginIsolated;
}

/** Processors that a program may use, as far as the engine tells. */
export function processors(): number {
  const { navigator, process } = globalThis as {
    navigator?: { hardwareConcurrency?: number };
    process?: {
      getBuiltinModule?(name: "node:os"): { availableParallelism(): number } | undefined;
    };
  };
  const found =
    process?.getBuiltinModule?.("node:os")?.availableParallelism() ??
    navigator?.hardwareConcurrency;
  return found ?? 1;
}
