import type { Plan, PlannedCall } from "./plan.ts";

// What the calls of a plan do, in plain loops over the memories of all ranks.

/** @param order the ranks in which sums are made: 0, 1, 2, ... by the contract */
export function runPlain(plan: Plan, memories: readonly ArrayBuffer[], order: readonly number[]) {
  for (const call of plan.calls) DO[call.kind](call, memories, order);
}

type Does = (call: PlannedCall, memories: readonly ArrayBuffer[], order: readonly number[]) => void;

const DO: Record<PlannedCall["kind"], Does> = {
  barrier() {},

  broadcast({ lengths: [length], parts: [address], root }, memories) {
    for (const memory of memories) copy(memories[root], memory, address, length);
  },

  allGather({ lengths, parts }, memories) {
    parts.forEach((address, rank) => {
      for (const memory of memories) copy(memories[rank], memory, address, lengths[rank]);
    });
  },

  reduceScatter({ lengths, parts, into }, memories, order) {
    memories.forEach((memory, rank) => {
      const length = lengths[rank];
      const given = order.map((from) => new Float32Array(memories[from], parts[rank], length));
      const sums = new Float32Array(memory, into, length);
      for (let k = 0; k < length; k++) {
        sums[k] = given.map((values) => values[k]).reduce((a, b) => Math.fround(a + b));
      }
    });
  },

  allReduce({ lengths: [length], parts: [address] }, memories, order) {
    for (let k = 0; k < length; k++) {
      const values = memories.map((memory) => new Float64Array(memory, address + k * 8, 1));
      const sum = order.map((from) => values[from][0]).reduce((a, b) => a + b);
      for (const value of values) value[0] = sum;
    }
  },
};

function copy(from: ArrayBuffer, to: ArrayBuffer, address: number, length: number): void {
  new Uint8Array(to, address, length).set(new Uint8Array(from, address, length));
}
