import { instantiate, type Kernel, type LinearMemory } from "../kernel.ts";
import { SHARED_CORE } from "./shared-core.ts";

/** The core for shared memory: all that Kernel has, and how threads share a job; docs/abi.md. */
export interface SharedKernel extends Kernel {
  /** Opens a job to whoever claims its chunks. The job before it must be finished. */
  openJob(jobPtr: number, op: number): void;
  /** Tells the workers of a job, and wakes those that sleep. */
  callWorkers(callPtr: number): void;
  /** Claims chunks and computes them until none is left. */
  runJob(jobPtr: number, scratchPtr: number): void;
  /** 1 once all chunks are done, 0 after `polls` looks. */
  pollJob(jobPtr: number, polls: number): number;
  /** Looks, as a worker, for a generation other than `seen`; returns the last one seen. */
  pollCall(callPtr: number, seen: number, polls: number): number;
}

/** Binds the shared core to a shared memory. */
export function instantiateShared(memory: LinearMemory): SharedKernel {
  return instantiate(memory, SHARED_CORE) as SharedKernel;
}
