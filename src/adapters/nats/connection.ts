import { mismatch, show } from "../../errors.ts";

// What this adapter needs of a NATS connection, spelled out: the package itself is the caller's.

/** What a connection tells about itself: that it was interrupted, refused something, or is closed. */
export interface NatsStatus {
  /** What has happened: "disconnect", "close", "error" and others. */
  readonly type: string;
  /** Of an "error". */
  readonly error?: Error;
}

/** What a server says of itself. */
export interface NatsServerInfo {
  /** Most bytes of a message. */
  readonly max_payload: number;
}

/** What ends a subscription. */
export interface NatsSubscription {
  /** Hears no more. */
  unsubscribe(): void;
}

/**
 * A connection to a NATS server: what `connect()` of @nats-io/transport-node resolves to, or
 * `wsconnect()` of @nats-io/nats-core.
 */
export interface NatsConnection {
  /** What the server said of itself; undefined where there is none at the moment. */
  readonly info?: NatsServerInfo | undefined;
  /** Sends bytes to a subject. */
  publish(subject: string, data: Uint8Array, options?: { reply?: string }): void;
  /** Hears what is sent to a subject. */
  subscribe(
    subject: string,
    options: { callback(error: Error | null, message: { readonly data: Uint8Array }): void },
  ): NatsSubscription;
  /** Resolves once the server has all that was sent before. */
  flush(): Promise<void>;
  /** What happens to the connection, as it happens. */
  status(): AsyncIterable<NatsStatus>;
}

const METHODS = ["publish", "subscribe", "flush", "status"] as const;
const EXPECTED =
  "a connection, of connect() of @nats-io/transport-node or wsconnect() of @nats-io/nats-core";

/** @throws TypeError for what is no connection, with the name of what it lacks */
export function requireConnection(value: unknown, where: string): NatsConnection {
  const given = Object(value) as Record<string, unknown>;
  const lacking = METHODS.find((name) => typeof given[name] !== "function");
  if (lacking === undefined) return value as NatsConnection;
  const got = `${show(value)}, without a method "${lacking}"`;
  const remedy = value instanceof Promise ? "Await it first" : "";
  throw new TypeError(mismatch("connection", where, EXPECTED, got, remedy));
}
