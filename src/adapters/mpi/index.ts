/**
 * Ranks that are processes started by Open MPI's mpirun: docs/mpi.md. The public subpath `ashlar/mpi`.
 *
 * @module
 */
import type { Collective } from "../../collectives/collective.ts";
import { join } from "./join.ts";
import type { NodeProcess } from "./node-process.ts";
import type { MpiOptions } from "./options.ts";

export type { Collective, Reduction } from "../../collectives/collective.ts";
export type { MpiOptions } from "./options.ts";

/** MPI counts in int32. */
const MESSAGE_BYTES = 1 << 30;
const SCRATCH_BYTES = 16 << 20;

/**
 * Joins the ranks that `mpirun -n 4 node program.js` has started: once in a process, and on the main
 * thread. Without mpirun there is one rank. Open MPI is used where it lies (Debian: openmpi-bin), by
 * the package koffi, and works straight on the ranges that it is given, in memory of any kind.
 *
 * @returns rejects with RANK_LOST where a call takes longer than `timeout`, or where mpirun ends the
 *   run since a rank has died; RANKS_DIFFER where ranks are not at the same call
 * @throws AshlarError NOT_READY without koffi or Open MPI; BUSY where this process has joined, DISPOSED
 *   where it has and closed; RankError RANKS_DIFFER where ranks run different versions; TypeError or
 *   RangeError for wrong options
 */
export function joinMpi(options?: MpiOptions): Promise<Collective> {
  const { process } = globalThis as unknown as { process: NodeProcess };
  return join(options, {
    process,
    importKoffi: () => import("koffi"),
    messageBytes: MESSAGE_BYTES,
    scratchBytes: SCRATCH_BYTES,
  });
}
