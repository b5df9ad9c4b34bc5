import { missingForThreads } from "../../src/core/threads/load.ts";
import { coreInfo, ready } from "../../src/index.ts";
import { proofDigests } from "./proof.ts";

/** What one run of the proof is asked for. */
export interface ProofRequest {
  readonly steps: number;
  readonly threads: number;
  readonly kernel: "simd" | "scalar";
}

/**
 * Runs the proof: a line `STEPS DIGEST` each, or `unavailable WHY` where the engine has no threads.
 * The kernel must not have been chosen before.
 */
export async function proofLines({ steps, threads, kernel }: ProofRequest): Promise<string[]> {
  await ready({ kernel });
  if (coreInfo().kernel !== kernel) throw new Error(`the ${coreInfo().kernel} kernel`);
  const missing = threads > 1 ? missingForThreads() : null;
  if (missing !== null) return [`unavailable ${missing}`];
  return [...(await proofDigests({ steps, threads }))].map((pair) => pair.join(" "));
}
