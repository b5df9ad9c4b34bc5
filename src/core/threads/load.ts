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

/** What threads need and there is not here, for an error; null where there are threads. */
export function missingForThreads(): string | null {
  const around = globalThis as Partial<Surroundings>;
  if (typeof around.SharedArrayBuffer !== "function" || around.crossOriginIsolated === false) {
    return (
      "no shared memory. A page has it where it is cross-origin isolated: served with the headers " +
      "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp"
    );
  }
  const hasWorkers = typeof around.Worker === "function" || around.process?.getBuiltinModule;
  return hasWorkers ? null : "no Worker";
}

interface Surroundings {
  readonly crossOriginIsolated: boolean;
  readonly SharedArrayBuffer: unknown;
  readonly Worker: unknown;
  readonly process: { readonly getBuiltinModule?: unknown };
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
