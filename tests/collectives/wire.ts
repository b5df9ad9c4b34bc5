import type { Link, Receiver } from "../../src/collectives/index.ts";

/** What becomes of a message on its way: other bytes, or none. */
export type Meddler = (from: number, to: number, bytes: Uint8Array) => Uint8Array | undefined;

/**
 * Links between ranks of one thread that are as awkward as the contract allows: small messages, at odd
 * addresses, each a while on its way, and one at a time.
 */
export class Wire {
  readonly links: readonly WireLink[];
  meddle: Meddler = (_from, _to, bytes) => bytes;

  constructor(size: number, largest = 1024) {
    this.links = Array.from({ length: size }, (_, rank) => new WireLink(this, rank, size, largest));
  }
}

export class WireLink implements Link {
  readonly rank: number;
  readonly size: number;
  readonly largest: number;
  readonly #wire: Wire;
  #receiver: Receiver | undefined;
  #last: Promise<void> = Promise.resolve();
  #held: ReturnType<typeof setInterval> | undefined;
  closed = 0;
  /** Messages that it was given to send. */
  sent = 0;
  /** Where it is set, sending comes to this. */
  sending: (() => Promise<void>) | undefined;

  constructor(wire: Wire, rank: number, size: number, largest: number) {
    this.#wire = wire;
    this.rank = rank;
    this.size = size;
    this.largest = largest;
  }

  get receiver(): Receiver {
    if (!this.#receiver) throw new Error("not open");
    return this.#receiver;
  }

  open(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  send(to: number | null, bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.largest) throw new Error(`${bytes.length} bytes are too many`);
    if (bytes.length !== bytes.buffer.byteLength) throw new Error("not a buffer of its own");
    this.sent++;
    if (this.sending) return this.sending();
    this.#last = this.#last.then(() => this.#deliver(to, bytes));
    return this.#last;
  }

  async #deliver(to: number | null, bytes: Uint8Array): Promise<void> {
    for (const { rank } of this.#wire.links) {
      if (rank === this.rank || (to !== null && rank !== to)) continue;
      const changed = this.#wire.meddle(this.rank, rank, bytes);
      if (changed === undefined) continue;
      const odd = new Uint8Array(changed.length + 1).subarray(1);
      odd.set(changed);
      this.#wire.links[rank].receiver.message(this.rank, odd);
    }
    // It is the link's, which may do with it what it likes.
    bytes.fill(0xee);
  }

  /** What hold() was last told. */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  hold(waiting: boolean): void {
    clearInterval(this.#held);
    this.#held = waiting ? setInterval(() => undefined, 60_000) : undefined;
  }

  async close(): Promise<void> {
    this.closed++;
    await this.#last;
  }
}
