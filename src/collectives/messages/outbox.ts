import type { Call } from "./call.ts";
import type { Gift } from "./exchange.ts";
import { HEADER, writeFrame } from "./frame.ts";
import type { Link } from "./link.ts";
import { memoryGone } from "./memory-gone.ts";

type Message = readonly [to: number | null, bytes: Uint8Array];

interface Parcel {
  readonly to: number | null;
  readonly part: Uint8Array;
  readonly length: number;
}

interface Queued {
  readonly messages: Iterator<Message>;
  readonly sent: () => void;
}

interface Told {
  /** The link has taken a message. */
  sent(): void;
  failed(cause: Error): void;
}

/** Sends what calls give, one call after the other, at once as far as the link takes it. */
export class Outbox {
  readonly #link: Link;
  readonly #room: number;
  readonly #told: Told;
  readonly #queue: Queued[] = [];
  #sending = false;
  #isStopped = false;

  constructor(link: Link, told: Told) {
    this.#link = link;
    // Whole values of whatever width.
    this.#room = Math.floor((link.largest - HEADER) / 8) * 8;
    this.#told = told;
  }

  /** Whether something waits for the link to take it. */
  get isSending(): boolean {
    return this.#sending;
  }

  /** @param sent is called once the link has all of it; not where that fails, which `failed` is told */
  send(number: number, call: Call, gift: Gift, sent: () => void): void {
    this.#queue.push({ messages: this.#messages(number, call, this.#parcels(gift)), sent });
    // Not awaited: what can leave now does, before the caller's next computation.
    if (!this.#sending) void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #run(): Promise<void> {
    this.#sending = true;
    try {
      for (let first = this.#queue.shift(); first; first = this.#queue.shift()) {
        for (let next = first.messages.next(); !next.done; next = first.messages.next()) {
          const wait = this.#link.send(...next.value);
          if (wait) await wait;
          if (this.#isStopped) return;
          this.#told.sent();
        }
        first.sent();
      }
      this.#sending = false;
    } catch (cause) {
      this.#told.failed(cause as Error);
    }
  }

  /** To whom what goes; their lengths are those of now, even if their memory goes away. */
  #parcels(gift: Gift): Parcel[] {
    const { rank, size } = this.#link;
    if (size === 1) return [];
    if ("all" in gift) return [{ to: null, part: gift.all, length: gift.all.length }];
    // Not all of them to rank 0 first.
    return Array.from({ length: size - 1 }, (_, i) => {
      const to = (rank + 1 + i) % size;
      return { to, part: gift.each[to], length: gift.each[to].length };
    });
  }

  *#messages(number: number, call: Call, parcels: readonly Parcel[]): Generator<Message> {
    for (const { to, part, length } of parcels) {
      let offset = 0;
      do {
        if (part.length !== length) throw memoryGone();
        const bytes = part.subarray(offset, offset + this.#room);
        yield [to, writeFrame({ what: "piece", number, call, offset, bytes })];
        offset += this.#room;
      } while (offset < length);
    }
  }
}
