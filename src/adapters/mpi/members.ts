import { RankError } from "../../errors.ts";
import type { World } from "./exchange.ts";
import type { NodeProcess } from "./node-process.ts";
import { TEXT_BYTES } from "./open-mpi.ts";

/** Raised with each change of what ranks say to each other. */
const PROTOCOL = 1;

// What each rank says of itself: version, process id, name of the machine. Of this length for ever.
const HEAD_BYTES = 8;
const RECORD_BYTES = HEAD_BYTES + TEXT_BYTES;

/**
 * Introduces the ranks to each other, and finds out how to tell who is gone.
 *
 * @returns the one rank whose process is gone, or null where none is, several are, or some are on
 *   another machine, of whose processes nothing is known
 * @throws RankError RANKS_DIFFER where one speaks another version
 */
export async function meet(world: World, process: NodeProcess): Promise<() => number | null> {
  const { mpi, calls, rank: own, size } = world;
  const mine = new Uint8Array(RECORD_BYTES);
  new Uint32Array(mine.buffer, 0, 2).set([PROTOCOL, process.pid]);
  calls.now("MPI_Get_processor_name", mine.subarray(HEAD_BYTES), new Int32Array(1));
  const all = new Uint8Array(RECORD_BYTES * size);
  await calls.run("MPI_Allgather", [
    ...[mine, RECORD_BYTES, mpi.byte],
    ...[all, RECORD_BYTES, mpi.byte, mpi.world],
  ]);
  const pids: number[] = [];
  let together = true;
  for (let rank = 0; rank < size; rank++) {
    const record = all.subarray(rank * RECORD_BYTES, (rank + 1) * RECORD_BYTES);
    const [version, pid] = new Uint32Array(record.buffer, record.byteOffset, 2);
    if (version !== PROTOCOL) {
      const what = `rank ${rank} speaks version ${version}, rank ${own} version ${PROTOCOL}`;
      const remedy = "All ranks need the same version of ashlar";
      throw new RankError("RANKS_DIFFER", rank, `ashlar/mpi: ${what}. ${remedy}`);
    }
    pids.push(pid);
    together &&= record.subarray(HEAD_BYTES).every((byte, i) => byte === mine[HEAD_BYTES + i]);
  }
  const gone = () => pids.flatMap((pid, rank) => (isAlive(process, pid) ? [] : [rank]));
  // Containers of one name do not see each other's processes.
  if (!together || gone().length > 0) return () => null;
  return () => {
    const ranks = gone();
    return ranks.length === 1 ? ranks[0] : null;
  };
}

function isAlive(process: NodeProcess, pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: unknown }).code !== "ESRCH";
  }
}
