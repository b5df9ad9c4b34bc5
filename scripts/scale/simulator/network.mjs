// Nodes with one link each: what they send leaves one message after the other, and so does what they get arrive.

/**
 * @typedef {import("./events.mjs").Events} Events
 *
 * @typedef {object} Node
 * @property {number} up      bytes per second
 * @property {number} down
 * @property {number} latency seconds, to the middle of the network
 * @property {number} message seconds of its own for each message
 *
 * @typedef {{ messages: number, sent: number, received: number }} Count
 */

const NANOSECONDS = 1e9;

export class Network {
  #events;
  #nodes;
  /** When each node's link is free again, each way. */
  #upFree;
  #downFree;
  #goneAt;
  /** By node. @type {Count[]} */
  counts;

  /** @param {Events} events @param {readonly Node[]} nodes */
  constructor(events, nodes) {
    this.#events = events;
    this.#nodes = nodes;
    this.#upFree = nodes.map(() => 0);
    this.#downFree = nodes.map(() => 0);
    this.#goneAt = nodes.map(() => Number.POSITIVE_INFINITY);
    this.counts = nodes.map(() => ({ messages: 0, sent: 0, received: 0 }));
  }

  /** From now on nothing leaves a node, nor arrives there. @param {number} node */
  lose(node) {
    this.#goneAt[node] = this.#events.now;
  }

  /** @param {number} from @param {number} to @param {number} bytes @param {() => void} arrived */
  send(from, to, bytes, arrived) {
    const { latency, up, message } = this.#nodes[from];
    const left = Math.max(this.#events.now, this.#upFree[from]) + nanoseconds(bytes / up + message);
    this.#upFree[from] = left;
    this.counts[from].messages++;
    this.counts[from].sent += bytes;
    const way = nanoseconds(latency + this.#nodes[to].latency);
    this.#events.at(left + way, () => {
      // Its last byte was still to leave when the sender vanished.
      if (left <= this.#goneAt[from]) this.#receive(to, bytes, arrived);
    });
  }

  /** The last byte has come as far as the link of the receiver, where others may be before it. */
  #receive(
    /** @type {number} */ to,
    /** @type {number} */ bytes,
    /** @type {() => void} */ arrived,
  ) {
    const { down, message } = this.#nodes[to];
    const here = Math.max(
      this.#events.now,
      this.#downFree[to] + nanoseconds(bytes / down + message),
    );
    this.#downFree[to] = here;
    this.#events.at(here, () => {
      if (here > this.#goneAt[to]) return;
      this.counts[to].received += bytes;
      arrived();
    });
  }
}

/** Whole ones, so that sums don't depend on their order. @param {number} seconds */
export const nanoseconds = (seconds) => Math.ceil(seconds * NANOSECONDS);
