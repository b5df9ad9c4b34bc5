import { allocate } from "../../errors.ts";
import { beginExchange, endExchange, piecesOf, type World } from "./exchange.ts";
import { IN_PLACE } from "./open-mpi.ts";

/** Pieces of 1 MiB: they stay in a core's cache, and sums of one hide behind the next one's way. */
const MOST_ELEMENTS = 1 << 18;
const LEAST_ELEMENTS = 1 << 10;

/**
 * ((v0 + v1) + v2) + ..., each sum rounded once to the type of `into`.
 *
 * @param values one range for each rank, none of which is `into` itself
 */
export function sumInOrder<Sums extends Float32Array | Float64Array>(
  into: Sums,
  values: readonly Sums[],
): void {
  into.set(values[0]);
  for (const addend of values.slice(1)) {
    // Two float32 have their exact sum rounded to float64, which rounds to the same float32.
    for (let i = 0; i < into.length; i++) into[i] += addend[i];
  }
}

/**
 * Gives each rank its part of the sums in rank order: parts go to their owners in pieces, whose sums
 * are made on this thread while the next ones are on their way.
 */
export async function reduceScatterInOrder(
  world: World,
  parts: readonly Float32Array[],
  into: Float32Array,
): Promise<void> {
  const { rank, size } = world;
  const most = pieceElements(world, 4 * 2);
  const largest = Math.max(...parts.map((part) => part.length));
  const length = Math.min(most, largest);
  // Two sets: one is summed while the other one fills.
  const scratch = newScratch(Float32Array, 2 * size * length);
  const rounds = Math.ceil(largest / most);
  let sumArrived = () => {};
  for (let round = 0; round < rounds; round++) {
    const cut = (range: Float32Array) => range.subarray(round * most, (round + 1) * most);
    const sums = cut(into);
    const mine = cut(parts[rank]);
    const values = parts.map((_, peer) => {
      const start = ((round % 2) * size + peer) * length;
      return peer === rank ? mine : scratch.subarray(start, start + sums.length);
    });
    const exchange = beginExchange(world, parts.map(cut), values);
    const isHere = endExchange(world, exchange);
    sumArrived();
    await isHere;
    sumArrived = () => sumInOrder(sums, values);
  }
  sumArrived();
}

/** Sums float64 values over the ranks in rank order, in place: each rank gets all, and adds. */
export async function allReduceInOrder(world: World, values: Float64Array): Promise<void> {
  const { mpi, rank, size } = world;
  const most = pieceElements(world, 8);
  for (const piece of piecesOf(values, most)) {
    const { length, byteLength } = piece;
    const all = newScratch(Float64Array, size * length);
    all.set(piece, rank * length);
    await world.calls.run("MPI_Allgather", [
      ...[IN_PLACE, 0, mpi.byte],
      ...[all, byteLength, mpi.byte, mpi.world],
    ]);
    const rows = Array.from({ length: size }, (_, r) => all.subarray(r * length, (r + 1) * length));
    sumInOrder(piece, rows);
  }
}

/** How long pieces are, on all ranks alike, where each element takes `bytes` bytes for each rank. */
function pieceElements({ size, scratchBytes }: World, bytes: number): number {
  const fitting = Math.floor(scratchBytes / (size * bytes));
  return Math.max(LEAST_ELEMENTS, Math.min(MOST_ELEMENTS, fitting));
}

function newScratch<Made>(
  type: { new (length: number): Made; readonly BYTES_PER_ELEMENT: number },
  length: number,
): Made {
  return allocate(length * type.BYTES_PER_ELEMENT, "pieces of sums", () => new type(length));
}
