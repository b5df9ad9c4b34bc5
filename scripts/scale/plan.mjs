// What the ranks of a sharded step call, one after the other: the one list from which bytes are counted,
// times are estimated and the simulator is driven.

/** Shards are cut at multiples of this many elements: the block of all reductions. */
export const BLOCK = 4096;

/**
 * A step of AdamW whose state is sharded over ranks (ZeRO-1).
 * @typedef {object} Plan
 * @property {number} ranks
 * @property {number} elements   of the model
 * @property {number[][]} slices elements that each rank owns of each bucket: slices[bucket][rank]
 * @property {2 | 4} weightBytes of one element, as weights are gathered: a 16-bit copy, or float32
 * @property {number[]} headers  bytes of each rank's record at the start of a step
 * @property {number[][]} tables bytes of each table that is gathered before the update: tables[i][rank]
 * @property {number} barriers   before the first write
 *
 * @typedef {object} Operation a call of a Collective, as every rank makes it
 * @property {"allGather" | "reduceScatter" | "barrier"} kind
 * @property {"header" | "gradients" | "tables" | "commit" | "weights"} phase
 * @property {number[]} parts   bytes of each rank's part: what it gives to allGather, what it gets of
 *   reduceScatter; 0 for a barrier
 */

/** Of the header: what every step has, and what each group has; then a byte for each parameter. */
const HEADER_BYTES = 8 * (4 + 1 + 5) + 1;
/** A rank's first bad gradient. */
const FINDING_BYTES = 40;

/**
 * The plan of ShardedAdamW for one parameter in one group, with a norm: shards are cut at the first multiple of
 * a block at or after their even share, and sliced into buckets.
 *
 * @param {{ ranks: number, elements: number, sliceElements: number, weightBytes?: 2 | 4 }} options
 *   sliceElements: most elements that a rank owns of a bucket, at least a block
 * @returns {Plan}
 */
export function evenPlan({ ranks, elements, sliceElements, weightBytes = 4 }) {
  const cut = (/** @type {number} */ rank) =>
    Math.min(elements, Math.ceil((rank * elements) / ranks / BLOCK) * BLOCK);
  const each = Array.from({ length: ranks }, (_, rank) => rank);
  const shards = each.map((rank) => cut(rank + 1) - cut(rank));
  const most = Math.floor(sliceElements / BLOCK) * BLOCK;
  const largest = shards.reduce((one, other) => Math.max(one, other), 0);
  const slices = Array.from({ length: Math.ceil(largest / most) }, (_, bucket) =>
    shards.map((shard) => Math.min(most, Math.max(0, shard - bucket * most))),
  );
  // A float64 for each block: the sum of its squares.
  const sums = shards.map((shard) => 8 * Math.ceil(shard / BLOCK));
  const headers = each.map(() => HEADER_BYTES);
  const findings = each.map(() => FINDING_BYTES);
  return { ranks, elements, slices, weightBytes, headers, tables: [findings, sums], barriers: 1 };
}

/** @param {Plan} plan @returns {Operation[]} in the order in which they are called */
export function operationsOf({ ranks, slices, weightBytes, headers, tables, barriers }) {
  const nothing = Array.from({ length: ranks }, () => 0);
  const times = (/** @type {number} */ size) => (/** @type {number[]} */ slice) =>
    slice.map((elements) => size * elements);
  return [
    { kind: "allGather", phase: "header", parts: headers },
    ...slices.map(times(4)).map((parts) => operation("reduceScatter", "gradients", parts)),
    ...tables.map((parts) => operation("allGather", "tables", parts)),
    ...Array.from({ length: barriers }, () => operation("barrier", "commit", nothing)),
    ...slices.map(times(weightBytes)).map((parts) => operation("allGather", "weights", parts)),
  ];
}

/**
 * @param {Operation["kind"]} kind @param {Operation["phase"]} phase @param {number[]} parts
 * @returns {Operation}
 */
const operation = (kind, phase, parts) => ({ kind, phase, parts });
