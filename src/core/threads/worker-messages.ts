import type { LinearMemory } from "../kernel.ts";
import type { KernelName } from "../kernel-choice.ts";

/** What a worker needs to share in the work; sent to it once. */
export interface WorkerStart {
  readonly kernel: KernelName;
  /** The slabs' memories, with where each has its job and this worker's scratch. */
  readonly slabs: readonly {
    readonly memory: LinearMemory;
    readonly jobPtr: number;
    readonly scratchPtr: number;
  }[];
  /** Address of the call record, in the first slab. */
  readonly callPtr: number;
  /** The generation that it begins with. */
  readonly generation: number;
}

/** What a worker says: that it takes part, or why it can't, also later. */
export type WorkerAnswer = { readonly ready: true } | { readonly failed: string };
