import { AshlarError } from "../../errors.ts";
import { Agreement } from "./agreement.ts";
import { Calls } from "./calls.ts";
import type { World } from "./exchange.ts";
import { type Koffi, loadKoffi } from "./koffi.ts";
import { Leaving } from "./leaving.ts";
import { meet } from "./members.ts";
import { MpiCollective } from "./mpi-collective.ts";
import type { NodeProcess } from "./node-process.ts";
import { openLibrary } from "./open-library.ts";
import { bindOpenMpi, type OpenMpi, SERIALIZED } from "./open-mpi.ts";
import { readOptions } from "./options.ts";

/** What is around a rank; tests have others. */
export interface Surroundings {
  readonly process: NodeProcess;
  readonly importKoffi: () => Promise<unknown>;
  readonly messageBytes: number;
  readonly scratchBytes: number;
}

/** See joinMpi. */
export async function join(options: unknown, around: Surroundings): Promise<MpiCollective> {
  const { library, timeout } = readOptions(options);
  const { process, messageBytes, scratchBytes } = around;
  const koffi: Koffi = await loadKoffi(around.importKoffi);
  const mpi = bindOpenMpi(openLibrary(koffi, library, process.platform));
  initialize(mpi);
  const calls = new Calls(mpi, timeout);
  const one = new Int32Array(1);
  const ask = (name: "MPI_Comm_rank" | "MPI_Comm_size"): number => {
    calls.now(name, mpi.world, one);
    return one[0];
  };
  calls.now("MPI_Comm_set_errhandler", mpi.world, mpi.errorsReturn);
  const [rank, size] = [ask("MPI_Comm_rank"), ask("MPI_Comm_size")];
  const world: World = { mpi, calls, rank, size, messageBytes, scratchBytes };
  const agreement = new Agreement(mpi, calls, rank, size);
  const leaving = new Leaving(world, agreement, process);
  try {
    refuseForeignLauncher(size, process.env);
    calls.blame = await meet(world, process);
  } catch (error) {
    calls.fail(error as AshlarError);
    await leaving.close();
    throw error;
  }
  return new MpiCollective(world, agreement, leaving);
}

/** MPI_Init_thread. @throws AshlarError where that can't be done, or not again */
function initialize({ functions }: OpenMpi): void {
  const answer = new Int32Array(1);
  const isSo = (name: "MPI_Initialized" | "MPI_Finalized"): boolean => {
    functions[name](answer);
    return answer[0] !== 0;
  };
  if (isSo("MPI_Finalized")) {
    throw new AshlarError("DISPOSED", "joinMpi: MPI can be joined once in a process, and was left");
  }
  if (isSo("MPI_Initialized")) {
    throw new AshlarError("BUSY", "joinMpi: this process has joined MPI; use that Collective");
  }
  // What fails in here ends the process, with a message of Open MPI's.
  functions.MPI_Init_thread(null, null, SERIALIZED, answer);
  if (answer[0] >= SERIALIZED) return;
  functions.MPI_Finalize();
  throw new AshlarError(
    "NOT_READY",
    `joinMpi: expected an Open MPI that can be called from several threads, got level ${answer[0]} of MPI_Init_thread, not ${SERIALIZED}`,
  );
}

/** What other launchers tell their processes of how many there are. */
const COUNTS = ["PMI_SIZE", "MPI_LOCALNRANKS", "SLURM_NTASKS"];

/** One rank is fine; several processes that each take themselves for the only one are not. */
function refuseForeignLauncher(size: number, env: NodeProcess["env"]): void {
  const name = COUNTS.find((name) => Number(env[name]) > 1);
  if (size > 1 || name === undefined) return;
  throw new AshlarError(
    "NOT_READY",
    `joinMpi: ${name} says that ${env[name]} processes were started, and Open MPI knows of this one only: start them by Open MPI's own mpirun, or by \`srun --mpi=pmix\``,
  );
}
