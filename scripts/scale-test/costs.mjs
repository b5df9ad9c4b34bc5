// Memory and bytes of a rank, as measured, beside what theory says.

/**
 * @typedef {import("./matrix.mjs").Row} Row
 * @typedef {import("./tally.mjs").Tally} Tally
 */

/** What the core of each memory takes for itself, and what is rounded up to whole pages. */
const MOST_OVERHEAD = 524_288;
/** Of the bytes of ranges: what ranks say of each step, and of blocks' sums. */
const MOST_EXTRA = 0.01;

const mean = (/** @type {readonly number[]} */ values) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const count = (/** @type {number} */ value) => Math.round(value).toLocaleString("en-US");

/**
 * What theory says of N ranks and P elements, float32.
 * @param {number} ranks @param {number} elements
 */
export const theory = (ranks, elements) => ({
  /** Masters, two moments and the sums of gradients, of one rank's elements. */
  shard: (16 * elements) / ranks,
  /** And weights and gradients of all. */
  all: (16 * elements) / ranks + 8 * elements,
  /** Gradients to their owners, weights to all. */
  sent: (8 * elements * (ranks - 1)) / ranks,
});

export const HEAD = [
  ...["engine", "ranks", "memory of a shard", "16 P/N", "memory of a rank", "16 P/N + 8 P"],
  ...["sent in a step", "8 P (N-1)/N", "by the engine's own count"],
];

/** Cells of a table, means over the ranks. @param {readonly Row[]} rows @param {number} elements */
export const costCells = (rows, elements) =>
  rows.map(({ engine, size, ranks }) => {
    const { shard, all, sent } = theory(size, elements);
    const wires = ranks.map(({ wire }) => wire);
    const wire = wires.every((value) => value !== null) ? count(mean(wires)) : "-";
    return [
      ...[engine, `${size}`, count(mean(ranks.map(({ shardBytes }) => shardBytes))), count(shard)],
      ...[count(mean(ranks.map(({ bytes }) => bytes))), count(all)],
      ...[count(mean(ranks.map((one) => one.sent))), count(sent), wire],
    ];
  });

/** @param {readonly Row[]} rows @param {number} elements @param {Tally} tally */
export function checkCosts(rows, elements, tally) {
  for (const { engine, size, ranks } of rows) {
    const what = `${engine}, ${size} ranks`;
    const owned = ranks.reduce((sum, rank) => sum + rank.owned, 0);
    tally.same(`${what}: every element has one owner`, owned, elements);
    const over = Math.max(...ranks.map((rank) => rank.shardBytes - 16 * rank.owned));
    const under = Math.min(...ranks.map((rank) => rank.shardBytes - 16 * rank.owned));
    tally.holds(
      `${what}: the memory of a shard`,
      under >= 0 && over <= MOST_OVERHEAD,
      `expected 16 bytes an element and at most ${MOST_OVERHEAD}, got ${under} to ${over} besides`,
    );
    const sent = mean(ranks.map((rank) => rank.sent));
    const wanted = theory(size, elements).sent;
    tally.holds(
      `${what}: bytes of a step`,
      sent >= wanted && sent <= wanted * (1 + MOST_EXTRA),
      `expected ${wanted} and at most ${100 * MOST_EXTRA} % more, got ${sent}`,
    );
  }
}
