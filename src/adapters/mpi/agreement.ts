import { RankError } from "../../errors.ts";
import type { Calls } from "./calls.ts";
import type { OpenMpi } from "./open-mpi.ts";

/** What ranks can be at. */
const KINDS = ["allGather", "reduceScatter", "allReduce", "broadcast", "barrier", "close"] as const;
type Kind = (typeof KINDS)[number];

/** A call as the other ranks must make it too. */
export interface Call {
  readonly kind: Kind;
  /** Bytes of each part. */
  readonly lengths: readonly number[];
  /** A root, a reduction: what else must be the same. */
  readonly detail: number;
  /** Whether this rank could do it in the way that needs all ranks to. */
  readonly canBeDirect?: boolean;
}

// Four float64 for each rank.
const FIELDS = 4;
const KIND = 0;
const BYTES = 1;
const HASH = 2;
const DIRECT = 3;

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
   * @returns whether all ranks can do it directly
   * @throws RankError RANKS_DIFFER, or RANK_LOST where one closes: all ranks but that one throw
   */
  async on(call: Call): Promise<boolean> {
    await this.#calls.run("MPI_Allgather", this.#table(call));
    return this.#compare(call.kind);
  }

  /** Says that this rank leaves, on this thread. */
  leaveNow(): void {
    this.#calls.now("MPI_Allgather", ...this.#table({ kind: "close", lengths: [], detail: 0 }));
  }

  #table({ kind, lengths, detail, canBeDirect = false }: Call) {
    const mine = this.#mine;
    mine[KIND] = KINDS.indexOf(kind);
    mine[BYTES] = lengths.reduce((sum, length) => sum + length, 0);
    mine[HASH] = hash([...lengths, detail]);
    mine[DIRECT] = Number(canBeDirect);
    const { byte, world } = this.#mpi;
    return [mine, mine.byteLength, byte, this.#all, mine.byteLength, byte, world];
  }

  #compare(kind: Kind): boolean {
    // Whoever leaves needs nobody.
    if (kind === "close") return false;
    let direct = true;
    for (let rank = 0; rank * FIELDS < this.#all.length; rank++) {
      const theirs = this.#all.subarray(rank * FIELDS, (rank + 1) * FIELDS);
      if (theirs[KIND] === KINDS.indexOf("close")) throw this.#calls.fail(closed(rank, kind));
      if ([KIND, BYTES, HASH].some((field) => theirs[field] !== this.#mine[field])) {
        throw this.#calls.fail(this.#differs(rank, theirs));
      }
      direct &&= theirs[DIRECT] === 1;
    }
    return direct;
  }

  #differs(rank: number, theirs: Float64Array): RankError {
    const [ours, other] = [describe(this.#mine), describe(theirs)];
    const what =
      ours === other
        ? `at ${ours}, with other lengths of the parts, another root or reduction than this rank, ${this.#rank}`
        : `at ${other}, this rank, ${this.#rank}, at ${ours}`;
    const remedy = "All ranks make the same calls in the same order";
    return new RankError("RANKS_DIFFER", rank, `rank ${rank} is ${what}. ${remedy}`);
  }
}

const closed = (rank: number, kind: Kind) =>
  new RankError("RANK_LOST", rank, `rank ${rank} has left by close(), this one is at ${kind}`);

const describe = (row: Float64Array) => `${KINDS[row[KIND] as number]} of ${row[BYTES]} bytes`;

/** FNV-1a, by words of 32 bits. */
function hash(values: readonly number[]): number {
  let sum = 0x811c9dc5;
  for (const value of values) {
    for (const word of [value >>> 0, Math.floor(value / 0x1_0000_0000)]) {
      sum = Math.imul(sum ^ word, 0x01000193);
    }
  }
  return sum;
}
