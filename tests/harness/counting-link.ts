import { readFrame } from "../../src/collectives/messages/frame.ts";
import type { Link, Receiver } from "../../src/collectives/messages/link.ts";

/** Counts the messages that carry ranges; not signs of life, of which there are as many as time passes. */
export class CountingLink implements Link {
  readonly rank: number;
  readonly size: number;
  readonly largest: number;
  /** Messages to one rank, and to all others; bytes with headers, each message counted once. */
  readonly counted = { toOne: 0, toAll: 0, bytesToOne: 0, bytesToAll: 0 };
  received = 0;
  readonly #inner: Link;

  /** @param largest at most the link's own */
  constructor(inner: Link, largest = inner.largest) {
    this.#inner = inner;
    this.rank = inner.rank;
    this.size = inner.size;
    this.largest = largest;
  }

  open(receiver: Receiver): void {
    this.#inner.open({
      message: (from, bytes) => {
        if (isPiece(bytes)) this.received += bytes.length;
        receiver.message(from, bytes);
      },
      lost: (rank, why) => receiver.lost(rank, why),
    });
  }

  send(to: number | null, bytes: Uint8Array): Promise<void> | void {
    if (isPiece(bytes)) {
      this.counted[to === null ? "toAll" : "toOne"]++;
      this.counted[to === null ? "bytesToAll" : "bytesToOne"] += bytes.length;
    }
    return this.#inner.send(to, bytes);
  }

  hold(waiting: boolean): void {
    this.#inner.hold?.(waiting);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

const isPiece = (bytes: Uint8Array) => readFrame(bytes)?.what === "piece";
