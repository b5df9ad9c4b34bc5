import type { Collective, Reduction } from "../../collectives/collective.ts";
import type { Agreement } from "./agreement.ts";
import { checkParts, checkReduction, checkRoot, checkSums, checkView } from "./check-calls.ts";
import { beginExchange, endExchange, piecesOf, type World } from "./exchange.ts";
import type { Leaving } from "./leaving.ts";
import { offsetsOf } from "./offsets.ts";
import { IN_PLACE } from "./open-mpi.ts";
import { allReduceInOrder, reduceScatterInOrder } from "./ordered-sums.ts";

/** Collective by Open MPI, straight on the bytes that it is given. */
export class MpiCollective implements Collective {
  readonly #world: World;
  readonly #agreement: Agreement;
  readonly #leaving: Leaving;

  constructor(world: World, agreement: Agreement, leaving: Leaving) {
    this.#world = world;
    this.#agreement = agreement;
    this.#leaving = leaving;
  }

  get rank(): number {
    return this.#world.rank;
  }

  get size(): number {
    return this.#world.size;
  }

  async allGather(parts: readonly Uint8Array[]): Promise<void> {
    const world = this.#world;
    checkParts(parts, "Uint8Array", world.size, "allGather");
    const lengths = parts.map((part) => part.length);
    await world.calls.inOrder(async () => {
      const { mpi, calls, rank } = world;
      const offsets = offsetsOf(parts);
      const call = {
        kind: "allGather",
        lengths,
        detail: 0,
        canBeDirect: offsets !== null,
      } as const;
      if ((await this.#agreement.on(call)) && offsets !== null) {
        const counts = Int32Array.from(lengths);
        await calls.run("MPI_Allgatherv", [
          ...[IN_PLACE, 0, mpi.byte],
          ...[offsets.base, counts, offsets.starts, mpi.byte, mpi.world],
        ]);
      } else {
        const own = parts.map(() => parts[rank] as Uint8Array);
        await endExchange(world, beginExchange(world, own, parts));
      }
    });
  }

  async reduceScatter(
    parts: readonly Float32Array[],
    into: Float32Array,
    reduction: Reduction,
  ): Promise<void> {
    const world = this.#world;
    const { mpi, calls, rank, size } = world;
    checkParts(parts, "Float32Array", size, "reduceScatter");
    checkSums(into, parts[rank] as Float32Array);
    const detail = checkReduction(reduction, "reduceScatter");
    const lengths = parts.map((part) => part.byteLength);
    await calls.inOrder(async () => {
      await this.#agreement.on({ kind: "reduceScatter", lengths, detail });
      if (reduction === "ordered") return reduceScatterInOrder(world, parts, into);
      // Not MPI_Reduce_scatter, which wants all parts in one run and takes three times as long.
      const most = world.messageBytes / 4;
      for (const [owner, part] of parts.entries()) {
        let start = 0;
        for (const piece of piecesOf(part, most)) {
          const sums = owner === rank ? into.subarray(start, start + piece.length) : null;
          start += piece.length;
          await calls.run("MPI_Reduce", [
            ...[piece, sums, piece.length],
            ...[mpi.float, mpi.sum, owner, mpi.world],
          ]);
        }
      }
    });
  }

  async allReduce(values: Float64Array, reduction: Reduction): Promise<void> {
    const world = this.#world;
    const { mpi, calls } = world;
    checkView(values, "Float64Array", "values", "allReduce");
    const detail = checkReduction(reduction, "allReduce");
    await calls.inOrder(async () => {
      await this.#agreement.on({ kind: "allReduce", lengths: [values.byteLength], detail });
      if (reduction === "ordered") return allReduceInOrder(world, values);
      for (const piece of piecesOf(values, world.messageBytes / 8)) {
        await calls.run("MPI_Allreduce", [
          ...[IN_PLACE, piece, piece.length],
          ...[mpi.double, mpi.sum, mpi.world],
        ]);
      }
    });
  }

  async broadcast(bytes: Uint8Array, root: number): Promise<void> {
    const { mpi, calls, size, messageBytes } = this.#world;
    checkView(bytes, "Uint8Array", "bytes", "broadcast");
    checkRoot(root, size);
    await calls.inOrder(async () => {
      await this.#agreement.on({ kind: "broadcast", lengths: [bytes.length], detail: root });
      for (const piece of piecesOf(bytes, messageBytes)) {
        await calls.run("MPI_Bcast", [piece, piece.length, mpi.byte, root, mpi.world]);
      }
    });
  }

  async barrier(): Promise<void> {
    // To agree takes a message of every rank: all are here.
    await this.#world.calls.inOrder(() =>
      this.#agreement.on({ kind: "barrier", lengths: [], detail: 0 }),
    );
  }

  async close(): Promise<void> {
    await this.#leaving.close();
  }
}
