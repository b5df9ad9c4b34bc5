// Exact counts of what a step moves: to be compared with what a real run counts.

import { operationsOf } from "./plan.mjs";

/**
 * @typedef {import("./plan.mjs").Plan} Plan
 * @typedef {import("./plan.mjs").Operation} Operation
 *
 * @typedef {object} Bytes of one rank, without any framing
 * @property {number} sent      copies to each receiver counted
 * @property {number} published the same where an engine takes what is for all of them once
 * @property {number} received
 *
 * @typedef {object} Framing how an engine of messages packs a part
 * @property {number} header   bytes before what each message carries
 * @property {number} largest  most bytes of a message, header included
 *
 * @typedef {object} Messages that one rank gives its link; signs of life come on top
 * @property {number} toOne      messages for one other rank
 * @property {number} toAll      messages for all others
 * @property {number} bytesToOne headers included
 * @property {number} bytesToAll each counted once
 */

/** src/collectives/messages/frame.ts. */
export const HEADER = 40;
/** Messages carry whole values of whatever width. */
const WIDEST = 8;

/** @param {readonly number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);

/**
 * What one rank moves in one call.
 * @param {Operation} operation @param {number} rank
 * @param {number} [all] bytes of all parts
 * @returns {Bytes}
 */
export function bytesOfOperation({ kind, parts }, rank, all = sum(parts)) {
  const others = parts.length - 1;
  const own = parts[rank];
  const rest = all - own;
  if (kind === "reduceScatter") return { sent: rest, published: rest, received: others * own };
  return { sent: others * own, published: others > 0 ? own : 0, received: rest };
}

/** What each rank moves in one step. @param {Plan} plan @returns {Bytes[]} by rank */
export function bytesOfStep(plan) {
  const operations = operationsOf(plan).map((operation) => [operation, sum(operation.parts)]);
  return Array.from({ length: plan.ranks }, (_, rank) => {
    const each = operations.map(([operation, all]) => bytesOfOperation(operation, rank, all));
    return {
      sent: sum(each.map(({ sent }) => sent)),
      published: sum(each.map(({ published }) => published)),
      received: sum(each.map(({ received }) => received)),
    };
  });
}

/**
 * Sizes of the messages of a part. An empty part is a message too.
 * @param {number} bytes @param {Framing} framing @returns {number[]}
 */
export function messagesOf(bytes, { header, largest }) {
  const room = Math.floor((largest - header) / WIDEST) * WIDEST;
  const count = Math.max(1, Math.ceil(bytes / room));
  return Array.from({ length: count }, (_, i) => header + Math.min(room, bytes - i * room));
}

/**
 * What each rank's link carries in one step, to the byte.
 * @param {Plan} plan @param {Framing} framing @returns {Messages[]} by rank
 */
export const messagesOfStep = (plan, framing) =>
  Array.from({ length: plan.ranks }, (_, rank) => messagesOfRank(plan, framing, rank));

/** @param {Plan} plan @param {Framing} framing @param {number} rank @returns {Messages} */
export function messagesOfRank(plan, framing, rank) {
  const messages = { toOne: 0, toAll: 0, bytesToOne: 0, bytesToAll: 0 };
  if (plan.ranks === 1) return messages;
  for (const { kind, parts } of operationsOf(plan)) {
    const toOne = kind === "reduceScatter";
    for (const part of toOne ? parts.filter((_, to) => to !== rank) : [parts[rank]]) {
      const sizes = messagesOf(part, framing);
      messages[toOne ? "toOne" : "toAll"] += sizes.length;
      messages[toOne ? "bytesToOne" : "bytesToAll"] += sum(sizes);
    }
  }
  return messages;
}
