import type { Kernel, LinearMemory } from "./kernel.ts";
import type { SlabMemory } from "./memory.ts";
import type { PlannedSlab } from "./plan.ts";

/** What a team must know of a slab. */
export interface TeamWork {
  readonly plan: PlannedSlab;
  readonly memory: SlabMemory;
  readonly kernel: Kernel;
}

/** Several threads that do a slab's work together; threads/worker-team.ts has them. */
export interface Team {
  readonly threads: number;
  /**
   * Whether work had to be given up. A thread that only slept may still do its part of it: nothing may
   * go on in these memories.
   */
  readonly lost: boolean;
  /** Binds the shared core to a shared memory. */
  instantiate(memory: LinearMemory): Kernel;
  /** Starts the workers on all slabs. */
  start(slabs: readonly TeamWork[]): void;
  /** Whether `elements` are enough for several threads now. */
  worthwhile(elements: number): boolean;
  /**
   * Does OP_* on every active segment of a slab.
   *
   * @throws AshlarError WORKER where a thread is lost; what the core throws in the caller's own
   */
  run(slab: number, op: number): void;
  /** As run; resolves without holding up the event loop for what the workers are at. */
  runAsync(slab: number, op: number): Promise<void>;
  /** Once all workers take part. @throws AshlarError WORKER */
  ready(): Promise<void>;
  close(): void;
}
