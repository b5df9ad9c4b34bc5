import type { NatsConnection } from "../../src/adapters/nats/index.ts";

// The NATS packages, and what tests need of their types: the package's own do not compile under
// exactOptionalPropertyTypes.

export interface Connection extends NatsConnection {
  close(): Promise<void>;
}

type Connect = (options: {
  servers: string;
  user?: string;
  pass?: string;
  reconnectTimeWait?: number;
}) => Promise<Connection>;

const NODE: string = "@nats-io/transport-node";
const CORE: string = "@nats-io/nats-core";

/** By TCP. */
export const { connect } = (await import(NODE)) as { connect: Connect };
/** By websocket. */
export const { wsconnect } = (await import(CORE)) as { wsconnect: Connect };
