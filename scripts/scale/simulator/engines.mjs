// How an engine carries the parts of a call. Each is a function that begins a rank's share of it; `deliver` says
// that a message for a rank has arrived.

import { messagesOf } from "../bytes.mjs";

/**
 * @typedef {import("../plan.mjs").Operation} Operation
 * @typedef {import("./network.mjs").Network} Network
 *
 * @typedef {import("../bytes.mjs").Framing & { network: Network }} Wire
 *
 * @typedef {(rank: number) => void} Deliver
 *
 * @typedef {object} Carrier of one operation
 * @property {(rank: number) => void} begin  a rank has called it
 * @property {(rank: number) => number} expected messages until it has all parts
 *
 * @typedef {(operation: Operation, wire: Wire, deliver: Deliver) => Carrier} Engine
 */

/** What a rank gives another. @param {Operation} operation @param {number} from @param {number} to */
const partFor = ({ kind, parts }, from, to) => parts[kind === "reduceScatter" ? to : from];

/** Messages that a rank gets of all others. @type {(o: Operation, w: Wire, rank: number) => number} */
function messagesFor(operation, wire, rank) {
  let count = 0;
  for (let from = 0; from < operation.parts.length; from++) {
    if (from !== rank) count += messagesOf(partFor(operation, from, rank), wire).length;
  }
  return count;
}

/** Each sends to each other: MPI's pairwise exchange, worker threads, WebRTC. @type {Engine} */
export function mesh(operation, wire, deliver) {
  const ranks = operation.parts.length;
  return {
    begin(rank) {
      // Beginning with the next one, so that not all send to rank 0 at once.
      for (let i = 1; i < ranks; i++) {
        const to = (rank + i) % ranks;
        for (const bytes of messagesOf(partFor(operation, rank, to), wire)) {
          wire.network.send(rank, to, bytes, () => deliver(to));
        }
      }
    },
    expected: (rank) => messagesFor(operation, wire, rank),
  };
}

/** All through one server, the last node: what is for all is sent there once. @type {Engine} */
export function hub(operation, wire, deliver) {
  const ranks = operation.parts.length;
  const { network } = wire;
  const toAll = operation.kind !== "reduceScatter";
  /** @type {(from: number, to: readonly number[], bytes: number) => void} */
  const pass = (from, receivers, bytes) =>
    network.send(from, ranks, bytes, () => {
      for (const to of receivers) network.send(ranks, to, bytes, () => deliver(to));
    });
  return {
    begin(rank) {
      const others = Array.from({ length: ranks - 1 }, (_, i) => (rank + 1 + i) % ranks);
      if (ranks === 1) return;
      const groups = toAll ? [others] : others.map((to) => [to]);
      for (const group of groups) {
        for (const bytes of messagesOf(partFor(operation, rank, group[0]), wire)) {
          pass(rank, group, bytes);
        }
      }
    },
    expected: (rank) => messagesFor(operation, wire, rank),
  };
}

/**
 * Each sends to the next alone, N - 1 times: parts go around, and so do partial sums, each of which begins behind
 * its owner. Their order is another one for each owner: reduction "fast".
 * @type {Engine}
 */
export function ring(operation, wire, deliver) {
  const { kind, parts } = operation;
  const ranks = parts.length;
  const begun = parts.map(() => false);
  /** Sums that came before the rank had something to add. @type {number[][]} */
  const early = parts.map(() => []);
  const sums = kind === "reduceScatter";
  const isLast = (/** @type {number} */ rank, /** @type {number} */ part) =>
    sums ? rank === part : (rank + 1) % ranks === part;

  /** @type {(rank: number, part: number) => void} */
  const pass = (rank, part) => {
    const next = (rank + 1) % ranks;
    const sizes = messagesOf(parts[part], wire);
    sizes.forEach((bytes, i) => {
      wire.network.send(rank, next, bytes, () => {
        if (!sums || next === part) deliver(next);
        if (i < sizes.length - 1 || isLast(next, part)) return;
        if (begun[next] || !sums) pass(next, part);
        else early[next].push(part);
      });
    });
  };
  return {
    begin(rank) {
      begun[rank] = true;
      if (ranks === 1) return;
      pass(rank, sums ? (rank + ranks - 1) % ranks : rank);
      for (const part of early[rank]) pass(rank, part);
    },
    expected(rank) {
      if (ranks === 1) return 0;
      return sums ? messagesOf(parts[rank], wire).length : messagesFor(operation, wire, rank);
    },
  };
}

/** @type {Readonly<Record<"mesh" | "hub" | "ring", Engine>>} */
export const ENGINES = { mesh, hub, ring };
