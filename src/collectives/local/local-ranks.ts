import { wholeNumberBetween } from "../../validate.ts";
import { type MessageOptions, readTimeout } from "../messages/options.ts";

/**
 * A rank of a group in this process, for one thread to join: this one, or a worker that it is posted
 * to together with its ports.
 */
export interface LocalRank {
  /** Which one, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** Of MessageOptions. */
  readonly timeout: number;
  /**
   * MessagePorts to the other ranks, in their order: to be transferred with it. Of a type that Node's
   * postMessage takes, and the page's.
   */
  readonly ports: never[];
}

/** Most ranks of a group: each has a port to each other. */
export const MOST_LOCAL = 1024;

/**
 * Makes a group of ranks in this process, for workers or for one thread.
 *
 * @example
 * const [own, other] = localRanks(2);
 * worker.postMessage(other, other.ports); // and there: await joinLocal(event.data)
 * const ranks = await joinLocal(own);
 * await ranks.barrier();
 *
 * @param size how many, 1 to 1,024
 * @returns one for each rank, each to be joined once
 * @throws TypeError, RangeError
 */
export function localRanks(size: number, options: MessageOptions = {}): LocalRank[] {
  wholeNumberBetween(size, 1, MOST_LOCAL, "size", "localRanks");
  const timeout = readTimeout(options, "localRanks");
  const ports = Array.from({ length: size }, (): MessagePort[] => []);
  // In this order each rank's ports come in the order of the others.
  for (let high = 1; high < size; high++) {
    for (let low = 0; low < high; low++) {
      const { port1, port2 } = new MessageChannel();
      ports[low].push(port1);
      ports[high].push(port2);
    }
  }
  return ports.map((own, rank) => ({ rank, size, timeout, ports: own as never[] }));
}
