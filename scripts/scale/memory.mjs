// What one rank of a sharded step holds.

import { largestShard } from "./closed-form.mjs";

/**
 * Bytes of the rank with the largest shard.
 *
 * @param {{ elements: number, ranks: number, sliceElements: number, halves?: boolean,
 *   amsgrad?: boolean }} options halves: the model is a 16-bit copy
 * @returns {{ model: number, gradients: number, state: number, staging: number, total: number }}
 *   staging: at most
 */
export function memoryOf({ elements, ranks, sliceElements, halves = false, amsgrad = false }) {
  const shard = largestShard(elements, ranks);
  const model = (halves ? 2 : 4) * elements;
  const gradients = 4 * elements;
  // Master weight, moments and the shard's reduced gradient.
  const state = (amsgrad ? 20 : 16) * shard;
  // Two sums, and the parts of the other ranks until it is their turn to be added.
  const slice = 4 * Math.min(sliceElements, shard);
  const staging = ranks > 1 ? 2 * slice + (ranks - 1) * slice : 0;
  return { model, gradients, state, staging, total: model + gradients + state + staging };
}
