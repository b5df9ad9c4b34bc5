import { setImmediate as turn } from "node:timers/promises";
import type { NatsConnection, NatsStatus } from "../../src/adapters/nats/index.ts";

// A NATS server in memory, and connections that behave like those of @nats-io/nats-core as far as
// ashlar uses them: without queue groups and wildcards.

type Callback = Parameters<NatsConnection["subscribe"]>[1]["callback"];

interface Subscription {
  readonly subject: string;
  readonly callback: Callback;
}

/** What a message's bytes come as: of another class, and wherever they lay in the stream. */
class Chunk extends Uint8Array {}

export class FakeServer {
  readonly maxPayload: number;
  readonly connections = new Set<FakeConnection>();
  /** Every message that it was given: subject and bytes. */
  readonly log: { readonly subject: string; readonly data: Uint8Array }[] = [];
  /** Messages that it takes and does not deliver. */
  drops: (subject: string, from: FakeConnection) => boolean = () => false;

  constructor(maxPayload = 1_048_576) {
    this.maxPayload = maxPayload;
  }

  /** Messages on their way. */
  #underWay = 0;

  /** Resolves when everything has arrived, and what it led to as well. */
  async idle(): Promise<void> {
    do await turn();
    while (this.#underWay > 0);
    await turn();
  }

  /** Does something later, as idle() sees it. */
  later(schedule: (act: () => void) => void, act: () => void): void {
    this.#underWay++;
    schedule(() => {
      this.#underWay--;
      act();
    });
  }

  connect(): FakeConnection {
    const connection = new FakeConnection(this);
    this.connections.add(connection);
    return connection;
  }

  publish(from: FakeConnection, subject: string, data: Uint8Array, reply?: string): void {
    this.log.push({ subject, data });
    if (this.drops(subject, from)) return;
    let heard = false;
    for (const connection of this.connections) {
      if (connection.deliver(subject, data)) heard = true;
    }
    // "No responders": the server's own answer.
    if (!heard && reply !== undefined) from.deliver(reply, new Uint8Array(0));
  }
}

export class FakeConnection implements NatsConnection {
  readonly #server: FakeServer;
  readonly #subscriptions = new Set<Subscription>();
  readonly #listeners = new Set<(status: NatsStatus | null) => void>();
  #isClosed = false;
  /** How a flush ends; never, where the connection is interrupted for good. */
  flushed: () => Promise<void> = () => Promise.resolve();

  constructor(server: FakeServer) {
    this.#server = server;
  }

  get info() {
    return this.#isClosed ? undefined : { max_payload: this.#server.maxPayload };
  }

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  publish(subject: string, data: Uint8Array, options: { reply?: string } = {}): void {
    if (this.#isClosed) throw new Error("closed connection");
    if (data.length > this.#server.maxPayload)
      throw new Error("'payload' max_payload size exceeded");
    // Read when it leaves, and not before, as the real one does.
    this.#server.later(queueMicrotask, () => {
      // Nothing of who has vanished.
      if (!this.#server.connections.has(this)) return;
      this.#server.publish(this, subject, data.slice(), options.reply);
    });
  }

  subscribe(subject: string, { callback }: { callback: Callback }) {
    if (this.#isClosed) throw new Error("closed connection");
    const subscription = { subject, callback };
    this.#subscriptions.add(subscription);
    return { unsubscribe: () => void this.#subscriptions.delete(subscription) };
  }

  flush(): Promise<void> {
    return this.flushed();
  }

  async *status(): AsyncGenerator<NatsStatus> {
    const waiting: (NatsStatus | null)[] = [];
    let wake = () => {};
    const listener = (status: NatsStatus | null) => {
      waiting.push(status);
      wake();
    };
    this.#listeners.add(listener);
    try {
      for (;;) {
        while (waiting.length > 0) {
          const status = waiting.shift() as NatsStatus | null;
          if (status === null) return;
          yield status;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.#listeners.delete(listener);
    }
  }

  /** How many follow its status. */
  get followers(): number {
    return this.#listeners.size;
  }

  /** Delivers later, in order; false where nobody here listens. */
  deliver(subject: string, data: Uint8Array): boolean {
    const heard = [...this.#subscriptions].filter(
      (subscription) => subscription.subject === subject,
    );
    for (const subscription of heard) {
      const chunk = new Chunk(data.length + 3);
      chunk.set(data, 3);
      this.#server.later(setImmediate, () => {
        if (!this.#subscriptions.has(subscription)) return;
        subscription.callback(null, { data: chunk.subarray(3) });
      });
    }
    return heard.length > 0;
  }

  tell(status: NatsStatus): void {
    for (const listener of this.#listeners) listener(status);
  }

  /** A subscription that the server refuses: as the client tells of it. */
  refuse(subject: string): void {
    const error = new Error(`Permissions Violation for Subscription to "${subject}"`);
    for (const subscription of this.#subscriptions) {
      if (subscription.subject !== subject) continue;
      // What the client gives is no message.
      subscription.callback(error, {} as { data: Uint8Array });
      this.#subscriptions.delete(subscription);
    }
    this.tell({ type: "error", error });
  }

  /** Its process has ended: without a word. */
  vanish(): void {
    this.#subscriptions.clear();
    this.#server.connections.delete(this);
  }

  close(): void {
    this.#isClosed = true;
    this.vanish();
    for (const listener of this.#listeners) listener({ type: "close" });
    for (const listener of this.#listeners) listener(null);
  }
}
