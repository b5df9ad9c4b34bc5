import type { Calls } from "./calls.ts";
import type { OpenMpi } from "./open-mpi.ts";

/** What ranks share: who they are, and how MPI is called. */
export interface World {
  readonly mpi: OpenMpi;
  readonly calls: Calls;
  readonly rank: number;
  readonly size: number;
  /** Most bytes of one message: counts of MPI are int32. */
  readonly messageBytes: number;
  /** Most bytes of what ordered sums keep beside, for as long as that allows pieces of 4 KiB. */
  readonly scratchBytes: number;
}

/** Messages between this rank and others that have begun. */
export interface Exchange {
  readonly requests: BigUint64Array;
  readonly held: readonly ArrayBufferView[];
}

type Start = "MPI_Irecv" | "MPI_Isend";

/** Ranges of at most `most` elements, in order. */
export function* piecesOf<View extends Uint8Array | Float32Array | Float64Array>(
  view: View,
  most: number,
): Generator<View> {
  for (let start = 0; start < view.length; start += most) {
    yield view.subarray(start, start + most) as View;
  }
}

/** The bytes of a range. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/**
 * Begins to send and to receive, straight from and to where the ranges lie.
 *
 * @param outgoing size ranges, for each rank; this one's own stays
 * @param incoming size ranges, of each rank
 */
export function beginExchange(
  world: World,
  outgoing: readonly ArrayBufferView[],
  incoming: readonly ArrayBufferView[],
): Exchange {
  const { rank, size } = world;
  const started: [Start, peer: number, piece: Uint8Array][] = [];
  const plan = (start: Start, peer: number, range: ArrayBufferView) => {
    for (const piece of piecesOf(bytesOf(range), world.messageBytes)) {
      started.push([start, peer, piece]);
    }
  };
  // Each rank begins with another one. First who receives: what is sent then has a place to go.
  for (let k = 1; k < size; k++) {
    const peer = (rank + size - k) % size;
    plan("MPI_Irecv", peer, incoming[peer]);
  }
  for (let k = 1; k < size; k++) {
    const peer = (rank + k) % size;
    plan("MPI_Isend", peer, outgoing[peer]);
  }
  const requests = new BigUint64Array(started.length);
  const { byte, world: all } = world.mpi;
  started.forEach(([start, peer, piece], i) => {
    const request = requests.subarray(i, i + 1);
    world.calls.now(start, piece, piece.length, byte, peer, 0, all, request);
  });
  return { requests, held: started.map(([, , piece]) => piece) };
}

/** Resolves once all of it is sent and received. */
export async function endExchange({ calls }: World, { requests, held }: Exchange): Promise<void> {
  if (requests.length > 0) {
    await calls.run("MPI_Waitall", [requests.length, requests, null], held);
  }
}
