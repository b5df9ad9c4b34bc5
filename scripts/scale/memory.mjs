// What one rank of a sharded step holds.

import { largestShard } from "./closed-form.mjs";

/**
 * Bytes of the rank with the largest shard.
 *
 * @param {{ elements: number, ranks: number, bucketElements: number, halves?: boolean,
 *   amsgrad?: boolean }} options halves: the model is a 16-bit copy
 * @returns {{ model: number, gradients: number, state: number, staging: number, total: number }}
 */
export function memoryOf({ elements, ranks, bucketElements, halves = false, amsgrad = false }) {
  const shard = largestShard(elements, ranks);
  const model = (halves ? 2 : 4) * elements;
  const gradients = 4 * elements;
  // Master weight, moments and the shard's reduced gradient.
  const state = (amsgrad ? 20 : 16) * shard;
  // The parts of one bucket that a rank gets of the others, until they are added in order.
  const staging = ranks > 1 ? 4 * Math.min(bucketElements, elements) : 0;
  return { model, gradients, state, staging, total: model + gradients + state + staging };
}
