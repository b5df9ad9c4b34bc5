// How long a step takes, in closed form: all ranks alike, nothing lost, no one late.

import { BLOCK } from "./plan.mjs";

/**
 * @typedef {import("./links.mjs").Link} Link
 *
 * @typedef {object} Setting
 * @property {number} elements
 * @property {number} ranks
 * @property {number} sliceElements most that a rank owns of a bucket
 * @property {2 | 4} weightBytes
 * @property {Link} link of every rank
 * @property {"mesh" | "hub" | "ring"} engine
 * @property {{ up: number, down: number }} server of a hub
 * @property {{ update: number, add: number, message: number, passing: number }} costs
 *
 * @typedef {object} Times in seconds
 * @property {number} small     header, tables and barrier
 * @property {number} gradients moved, and added
 * @property {number} weights   updated, and moved
 * @property {number} total
 */

/** Elements of the largest shard. @param {number} elements @param {number} ranks */
export const largestShard = (elements, ranks) =>
  Math.min(elements, Math.ceil(elements / ranks / BLOCK) * BLOCK);

/**
 * Two stages, each of `items` like parts, the second of a part beginning when the first has ended.
 * @param {number} one @param {number} other @param {number} items
 */
const pipelined = (one, other, items) => Math.max(one, other) + Math.min(one, other) / items;

/** @param {Setting} setting @returns {Times} */
export function stepTime(setting) {
  const { elements, ranks, sliceElements, weightBytes, costs } = setting;
  const shard = largestShard(elements, ranks);
  const update = costs.update * shard;
  if (ranks === 1) return { small: 0, gradients: 0, weights: update, total: update };
  const buckets = Math.ceil(shard / sliceElements);
  const adding = costs.add * shard * (ranks - 1);
  const scattered = { kind: "reduceScatter", size: 4, shard, elements, calls: buckets };
  const gathered = { kind: "allGather", size: weightBytes, shard, elements, calls: buckets };
  const gradients = pipelined(moving(setting, scattered), adding, buckets);
  const weights = pipelined(moving(setting, gathered), update, buckets);
  const records = [81, 40, Math.ceil(shard / BLOCK) * 8, 0];
  const small = records
    .map((size) => ({ kind: "allGather", size, shard: 1, elements: ranks, calls: 1 }))
    .reduce((sum, calls) => sum + moving(setting, calls) + latencyOf(setting), 0);
  // A bucket sets out when the one before has come.
  const ways = buckets * latencyOf(setting);
  const [first, last] = [gradients + ways, weights + ways];
  return { small, gradients: first, weights: last, total: small + first + last };
}

/**
 * Calls that are under way at the same time.
 * @typedef {object} Calls
 * @property {string} kind
 * @property {number} size bytes of an element
 * @property {number} shard elements of the largest part of all calls
 * @property {number} elements of all parts
 * @property {number} calls
 */

/** Ways that each message has at least. @param {Setting} setting */
const latencyOf = ({ link, engine }) => (engine === "hub" ? 2 : 1) * link.latency;

/** Seconds that the narrowest place needs. @param {Setting} setting @param {Calls} calls */
function moving(setting, calls) {
  return setting.engine === "ring" ? around(setting, calls) : direct(setting, calls);
}

/** Each to each other, or through the server. @param {Setting} setting @param {Calls} of */
function direct({ ranks, link, engine, server, costs }, { kind, size, shard, elements, calls }) {
  const others = ranks - 1;
  const sums = kind === "reduceScatter";
  const most = size * shard * others;
  const average = (size * elements * others) / ranks;
  const isHub = engine === "hub";
  // What is for all enters a hub once.
  const sent = sums ? average : isHub ? most / others : most;
  const received = sums ? most : average;
  const messages = calls * others;
  const rank = Math.max(
    sent / link.up + (isHub && !sums ? calls : messages) * costs.message,
    received / link.down + messages * costs.message,
  );
  if (!isHub) return rank;
  const leaving = (size * elements * others) / server.up + messages * ranks * costs.passing;
  const entering = (size * elements * (sums ? others : 1)) / server.down;
  return Math.max(rank, leaving, entering);
}

/** N - 1 rounds a call, in each of which a rank passes one part on. @param {Setting} s @param {Calls} c */
function around({ ranks, link, costs }, { size, shard, calls }) {
  const rounds = ranks - 1;
  const rate = Math.min(link.up, link.down);
  const one = (size * shard) / calls / rate + costs.message;
  // The first way of each call is counted by the caller.
  return calls * (rounds * (one + link.latency) - link.latency);
}
