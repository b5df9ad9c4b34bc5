import type { Argument } from "../../src/adapters/mpi/koffi.ts";

/** A call of one rank. */
export interface Call {
  readonly name: string;
  readonly args: readonly Argument[];
}

/** Does a call of all ranks, whose calls are given in the order of the ranks. */
export type Does = (calls: readonly Call[]) => void;

const IN_PLACE = 1n;

/** Like rings: from the last rank to the first, so that sums have other bits than in rank order. */
function sumBackwards<Sums extends Float32Array | Float64Array>(values: readonly Sums[]): Sums {
  const last = values[values.length - 1];
  const sums = last.slice() as Sums;
  for (const value of values.slice(0, -1).reverse()) {
    for (let i = 0; i < sums.length; i++) sums[i] += value[i];
  }
  return sums;
}

/** What the calls of all ranks do, by name. */
export const TOGETHER: Readonly<Record<string, Does>> = {
  MPI_Allgather(calls) {
    const given = calls.map(({ args }, rank) => {
      const [send, count, , receive, length] = args as [
        unknown,
        number,
        0n,
        ArrayBufferView,
        number,
      ];
      if (send !== IN_PLACE) return bytesOf(send as ArrayBufferView).slice(0, count);
      return bytesOf(receive).slice(rank * length, (rank + 1) * length);
    });
    for (const { args } of calls) {
      const target = bytesOf(args[3] as ArrayBufferView);
      for (const [rank, bytes] of given.entries()) target.set(bytes, rank * bytes.length);
    }
  },

  MPI_Allgatherv(calls) {
    const ranges = calls.map(({ args }) => {
      if (args[0] !== IN_PLACE) throw new Error("not in place");
      const [base, counts, offsets] = args.slice(3) as [Uint8Array, Int32Array, Int32Array];
      return Array.from(counts, (count, i) => base.subarray(offsets[i], offsets[i] + count));
    });
    for (const own of ranges) {
      for (const [rank, range] of own.entries()) range.set(ranges[rank][rank]);
    }
  },

  MPI_Allreduce(calls) {
    const values = calls.map(({ args }) => args[1] as Float64Array);
    const sums = sumBackwards(values);
    for (const each of values) each.set(sums);
  },

  MPI_Reduce(calls) {
    const sums = sumBackwards(calls.map(({ args }) => args[0] as Float32Array));
    const root = calls[0].args[5] as number;
    (calls[root].args[1] as Float32Array).set(sums);
    if (calls.some(({ args }, rank) => rank !== root && args[1] !== null)) {
      throw new Error("sums for a rank that is not the root");
    }
  },

  MPI_Bcast(calls) {
    const root = calls[0].args[3] as number;
    for (const { args } of calls) (args[0] as Uint8Array).set(calls[root].args[0] as Uint8Array);
  },
};

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
