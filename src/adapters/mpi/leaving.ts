import { AshlarError, RankError } from "../../errors.ts";
import type { Agreement } from "./agreement.ts";
import type { World } from "./exchange.ts";
import type { NodeProcess } from "./node-process.ts";

/** mpirun sends SIGTERM where a rank has died, and kills what is left after a second. */
const GRACE_MS = 500;
/** 128 + SIGTERM, as shells have it. */
const TERMINATED = 143;

/**
 * How a rank ends. MPI_Finalize waits for all ranks, and must be called once by each that ends well;
 * a rank that ends otherwise takes the run with it: mpirun sees to that.
 */
export class Leaving {
  readonly #world: World;
  readonly #agreement: Agreement;
  readonly #process: NodeProcess;
  #closing: Promise<void> | null = null;

  constructor(world: World, agreement: Agreement, process: NodeProcess) {
    this.#world = world;
    this.#agreement = agreement;
    this.#process = process;
    process.on("exit", this.#exit);
    process.on("SIGTERM", this.#terminate);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { calls } = this.#world;
    if (calls.failure === null) {
      const said = calls.inOrder(() => this.#agreement.leave());
      // Where a call before it fails, there is nobody to say it to.
      await said.catch(() => undefined);
    }
    calls.fail(new AshlarError("DISPOSED", "close() was called: no more calls of this Collective"));
    // Where a call never came back MPI_Finalize would not either: the end of the process aborts.
    if (!calls.areUnderWay) this.#finalize();
  }

  /** The last call of MPI, on the thread of the first, as the standard wants it. */
  #finalize(): void {
    this.#process.off("exit", this.#exit);
    this.#process.off("SIGTERM", this.#terminate);
    this.#world.mpi.functions.MPI_Finalize();
  }

  /** The end of a process that has not closed. */
  readonly #exit = (code: number): void => {
    const { calls, mpi } = this.#world;
    if (calls.areUnderWay) {
      // Node would wait for the thread for ever.
      mpi.functions.MPI_Abort(mpi.world, code || 1);
    } else if (code === 0) {
      if (calls.failure === null) this.#agreement.leaveNow();
      this.#finalize();
    }
    // Any other code mpirun sees by itself, and ends the other ranks.
  };

  readonly #terminate = (): void => {
    const process = this.#process;
    // A program that handles it has its own reasons, like a checkpoint before a machine is taken away.
    if (process.listenerCount("SIGTERM") > 1) return;
    const { calls } = this.#world;
    const rank = calls.blame();
    const who = rank === null ? "mpirun's message names the rank" : `rank ${rank} is gone`;
    calls.fail(new RankError("RANK_LOST", rank, `mpirun ends the run (SIGTERM): ${who}`));
    setTimeout(() => process.exit(TERMINATED), GRACE_MS).unref();
  };
}
