import { apart, parts as partsOf, range } from "../../collectives/check-arguments.ts";
import type { Collective, Reduction } from "../../collectives/collective.ts";
import { describeCall } from "../../collectives/messages/call.ts";
import { oneOf, wholeNumberBetween } from "../../validate.ts";
import type { Agreement } from "./agreement.ts";
import { beginExchange, endExchange, piecesOf, type World } from "./exchange.ts";
import type { Leaving } from "./leaving.ts";
import { IN_PLACE } from "./open-mpi.ts";
import { allReduceInOrder, reduceScatterInOrder } from "./ordered-sums.ts";
import { spanOf } from "./span.ts";

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
    const ranges = partsOf(parts, world.size, "Uint8Array", "allGather");
    const lengths = ranges.map(({ length }) => length);
    await world.calls.inOrder(async () => {
      const { mpi, calls, rank } = world;
      const span = spanOf(ranges);
      const call = describeCall("allGather", 0, lengths);
      const isDirect = await this.#agreement.on(call, ranges, span !== null);
      if (isDirect && span) {
        const { buffer, start, length } = span;
        const counts = Int32Array.from(lengths);
        const offsets = Int32Array.from(ranges, ({ byteOffset }) => byteOffset - start);
        await calls.run("MPI_Allgatherv", [
          ...[IN_PLACE, 0, mpi.byte],
          ...[new Uint8Array(buffer, start, length), counts, offsets, mpi.byte, mpi.world],
        ]);
      } else {
        const own = ranges.map(() => ranges[rank]);
        await endExchange(world, beginExchange(world, own, ranges));
      }
    });
  }

  async reduceScatter(
    parts: readonly Float32Array[],
    into: Float32Array,
    reduction: Reduction,
  ): Promise<void> {
    const world = this.#world;
    const { calls, rank, size } = world;
    const ranges = partsOf(parts, size, "Float32Array", "reduceScatter");
    apart(into, ranges, rank, "reduceScatter");
    const detail = detailOf(reduction, "reduceScatter");
    const lengths = ranges.map(({ byteLength }) => byteLength);
    const call = describeCall("reduceScatter", detail, lengths);
    await calls.inOrder(async () => {
      await this.#agreement.on(call, [...ranges, into]);
      if (reduction === "ordered") await reduceScatterInOrder(world, ranges, into);
      else await this.#reduceToOwners(ranges, into);
    });
  }

  /** Not MPI_Reduce_scatter, which wants all parts in one run and took three times as long. */
  async #reduceToOwners(parts: readonly Float32Array[], into: Float32Array): Promise<void> {
    const { mpi, calls, rank, messageBytes } = this.#world;
    for (const [owner, part] of parts.entries()) {
      let start = 0;
      for (const piece of piecesOf(part, messageBytes / 4)) {
        const { length } = piece;
        const sums = owner === rank ? into.subarray(start, start + length) : null;
        start += length;
        await calls.run("MPI_Reduce", [
          ...[piece, sums, length, mpi.float],
          ...[mpi.sum, owner, mpi.world],
        ]);
      }
    }
  }

  async allReduce(values: Float64Array, reduction: Reduction): Promise<void> {
    const world = this.#world;
    const { mpi, calls } = world;
    const own = range(values, "Float64Array", "values", "allReduce");
    const call = describeCall("allReduce", detailOf(reduction, "allReduce"), [own.byteLength]);
    await calls.inOrder(async () => {
      await this.#agreement.on(call, [own]);
      if (reduction === "ordered") return allReduceInOrder(world, own);
      for (const piece of piecesOf(own, world.messageBytes / 8)) {
        await calls.run("MPI_Allreduce", [
          ...[IN_PLACE, piece, piece.length],
          ...[mpi.double, mpi.sum, mpi.world],
        ]);
      }
    });
  }

  async broadcast(bytes: Uint8Array, root: number): Promise<void> {
    const { mpi, calls, size, messageBytes } = this.#world;
    const target = range(bytes, "Uint8Array", "bytes", "broadcast");
    wholeNumberBetween(root, 0, size - 1, "root", "broadcast");
    const call = describeCall("broadcast", root, [target.length]);
    await calls.inOrder(async () => {
      await this.#agreement.on(call, [target]);
      for (const piece of piecesOf(target, messageBytes)) {
        await calls.run("MPI_Bcast", [piece, piece.length, mpi.byte, root, mpi.world]);
      }
    });
  }

  async barrier(): Promise<void> {
    // To agree takes a message of every rank: all are here.
    await this.#world.calls.inOrder(() => this.#agreement.on(describeCall("barrier", 0, []), []));
  }

  async close(): Promise<void> {
    await this.#leaving.close();
  }
}

const REDUCTIONS: readonly Reduction[] = ["ordered", "fast"];

/** The number of a reduction. */
function detailOf(reduction: unknown, where: string): number {
  return REDUCTIONS.indexOf(oneOf(reduction, REDUCTIONS, "reduction", where));
}
