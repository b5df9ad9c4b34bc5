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
      const sums = new Float32Array(memory, into, lengths[rank]);
      order.forEach((from, i) => {
        const given = new Float32Array(memories[from], parts[rank], lengths[rank]);
        for (let k = 0; k < sums.length; k++) {
          sums[k] = i === 0 ? given[k] : Math.fround(sums[k] + given[k]);
        }
      });
    });
  },

  allReduce({ lengths: [length], parts: [address] }, memories, order) {
    const sums = new Float64Array(length);
    const values = memories.map((memory) => new Float64Array(memory, address, length));
    order.forEach((from, i) => {
      for (let k = 0; k < length; k++)
        sums[k] = i === 0 ? values[from][k] : sums[k] + values[from][k];
    });
    for (const each of values) each.set(sums);
  },
};

function copy(from: ArrayBuffer, to: ArrayBuffer, address: number, length: number): void {
  new Uint8Array(to, address, length).set(new Uint8Array(from, address, length));
}
