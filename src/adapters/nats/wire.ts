import type { NatsConnection } from "./connection.ts";

/**
 * A NATS connection as one rank uses it: its subscriptions, and whether it has worked all the time.
 * NATS keeps no messages for who is not connected: after an interruption some may be missing, even
 * where the connection comes back.
 */
export class Wire {
  /** Resolves, if ever, with why the connection can't be relied on any more. */
  readonly lost: Promise<string>;
  readonly #connection: NatsConnection;
  readonly #subscriptions: { unsubscribe(): void }[] = [];
  #lose!: (why: string) => void;
  #open = true;

  /** @param prefix of the subjects that this rank uses */
  constructor(connection: NatsConnection, prefix: string) {
    this.#connection = connection;
    this.lost = new Promise((resolve) => {
      this.#lose = (why) => {
        this.#end();
        resolve(why);
      };
    });
    const closed = () => this.#lose("the connection to the NATS server is closed");
    this.#watch(prefix).then(closed, closed);
  }

  /** Sends, unless the connection is lost. Where nobody receives it, the server tells `reply`. */
  publish(subject: string, data: Uint8Array, reply?: string): void {
    this.#use(() => this.#connection.publish(subject, data, reply === undefined ? {} : { reply }));
  }

  /** Hears what is published under a subject, until this is closed. */
  subscribe(subject: string, heard: (data: Uint8Array) => void): void {
    const callback = (error: Error | null, { data }: { readonly data: Uint8Array }) => {
      // Of what is wrong with a subscription, the connection's status tells too.
      if (this.#open && error === null) heard(data);
    };
    this.#use(() => {
      this.#subscriptions.push(this.#connection.subscribe(subject, { callback }));
    });
  }

  /** Hears nothing more; resolves when the server has what was published, or the connection is lost. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#end();
    const flushed = this.#connection.flush().catch(() => {});
    // A flush of a connection that is interrupted may never end.
    await Promise.race([flushed, this.lost]);
  }

  #use(call: () => void): void {
    if (!this.#open) return;
    try {
      call();
    } catch (cause) {
      this.#lose(`the connection to the NATS server is of no use: ${(cause as Error).message}`);
    }
  }

  #end(): void {
    this.#open = false;
    for (const subscription of this.#subscriptions.splice(0)) subscription.unsubscribe();
  }

  /** Ends when the connection does, or soon after this is closed. */
  async #watch(prefix: string): Promise<void> {
    for await (const { type, error } of this.#connection.status()) {
      if (!this.#open) return;
      if (type === "disconnect") {
        this.#lose("the connection to the NATS server was interrupted: messages may be missing");
      } else if (error?.message.includes(prefix)) {
        this.#lose(`the NATS server refuses: ${error.message}`);
      }
    }
  }
}
