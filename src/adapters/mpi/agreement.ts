import { type Call, isSameCall, KINDS, showCall } from "../../collectives/messages/call.ts";
import { memoryGone } from "../../collectives/messages/memory-gone.ts";
import { RankError } from "../../errors.ts";
import { isDetached } from "../../validate.ts";
import type { Calls } from "./calls.ts";
import type { Argument } from "./koffi.ts";
import type { OpenMpi } from "./open-mpi.ts";

/** What is no call of all ranks has numbers behind those of KINDS. */
const CLOSE = KINDS.length;
const GONE = CLOSE + 1;
/** What each rank tells: kind, detail, total and check of its call; whether it can be direct. */
const FIELDS = 5;

/**
 * Compares, before each call, what the ranks are about to do. Without it MPI would wait for ever where
 * one is at another call, and write over what lies behind a part where lengths differ. It costs one
 * small message a rank, and lets all ranks choose the same way of doing a call.
 */
export class Agreement {
  readonly #mpi: OpenMpi;
  readonly #calls: Calls;
  readonly #rank: number;
  readonly #mine = new Float64Array(FIELDS);
  readonly #all: Float64Array;

  constructor(mpi: OpenMpi, calls: Calls, rank: number, size: number) {
    this.#mpi = mpi;
    this.#calls = calls;
    this.#rank = rank;
    this.#all = new Float64Array(FIELDS * size);
  }

  /**
   * @param ranges      of this rank
   * @param canBeDirect whether this rank could do it in a way that all ranks would have to take
   * @returns whether all ranks can
   * @throws RankError RANKS_DIFFER, or RANK_LOST where one has closed, or cannot; Error where this
   *   rank cannot, since memory of a range has grown while the call waited for others
   */
  async on(
    call: Call,
    ranges: readonly (Uint8Array | Float32Array | Float64Array)[],
    canBeDirect = false,
  ): Promise<boolean> {
    if (ranges.some(isDetached)) {
      await this.#calls.run("MPI_Allgather", this.#tell([GONE, 0, 0, 0, 0]));
      throw this.#calls.fail(memoryGone());
    }
    const { kind, detail, total, check } = call;
    const row = [KINDS.indexOf(kind), detail, total, check, Number(canBeDirect)];
    await this.#calls.run("MPI_Allgather", this.#tell(row));
    return this.#compare(call);
  }

  /** Says that this rank leaves, whatever the others are at. */
  async leave(): Promise<void> {
    await this.#calls.run("MPI_Allgather", this.#tell([CLOSE, 0, 0, 0, 0]));
  }

  /** The same on this thread, which waits for the others. */
  leaveNow(): void {
    this.#calls.now("MPI_Allgather", ...this.#tell([CLOSE, 0, 0, 0, 0]));
  }

  #tell(row: readonly number[]): Argument[] {
    this.#mine.set(row);
    const { byteLength } = this.#mine;
    const { byte, world } = this.#mpi;
    return [this.#mine, byteLength, byte, this.#all, byteLength, byte, world];
  }

  #compare(call: Call): boolean {
    let direct = true;
    for (let rank = 0; rank * FIELDS < this.#all.length; rank++) {
      const row = this.#all.subarray(rank * FIELDS, (rank + 1) * FIELDS);
      const [kind, detail, total, check, canBeDirect] = row;
      if (kind >= CLOSE) {
        const why = kind === CLOSE ? "has left by close()" : "gave up: its memory has grown";
        const what = `rank ${rank} ${why}, rank ${this.#rank} is at ${showCall(call)}`;
        throw this.#calls.fail(new RankError("RANK_LOST", rank, what));
      }
      const theirs = { kind: KINDS[kind], detail, total, check };
      if (!isSameCall(theirs, call)) {
        const what = `rank ${rank} is at ${showCall(theirs)}, rank ${this.#rank} at ${showCall(call)}`;
        const remedy = "All ranks make the same calls in the same order";
        throw this.#calls.fail(new RankError("RANKS_DIFFER", rank, `${what}. ${remedy}`));
      }
      direct &&= canBeDirect === 1;
    }
    return direct;
  }
}
