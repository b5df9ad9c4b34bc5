import { NatsLink } from "../../src/adapters/nats/nats-link.ts";
import { ofGroup } from "../../src/adapters/nats/subjects.ts";
import { Wire } from "../../src/adapters/nats/wire.ts";
import type { Receiver } from "../../src/collectives/messages/link.ts";
import type { FakeConnection, FakeServer } from "./fake-server.ts";

export const RUN = "00112233aabbccdd";

/** Subjects of a run that the tests look at, or disturb. */
export const subject = (from: number, ...rest: readonly (string | number)[]) =>
  ["ashlar.fake", RUN, from, ...rest].join(".");

/** A link with what it has told: messages, and who is lost. */
export interface Listener {
  readonly connection: FakeConnection;
  readonly link: NatsLink;
  readonly messages: { readonly from: number; readonly bytes: Uint8Array }[];
  readonly losses: (readonly [rank: number | null, why: string])[];
}

/** Links of one run, without the joining; open ones. */
export function links(server: FakeServer, size: number, largest = 2_000_000): Listener[] {
  return Array.from({ length: size }, (_, rank) => {
    const listener = closedLink(server, rank, size, largest);
    listener.link.open(receiverOf(listener));
    return listener;
  });
}

/** One that nobody has opened. */
export function closedLink(
  server: FakeServer,
  rank: number,
  size: number,
  largest = 2_000_000,
): Listener {
  const connection = server.connect();
  const wire = new Wire(connection, ofGroup("fake"));
  const link = new NatsLink(wire, { group: "fake", rank, size }, { run: RUN, largest });
  return { connection, link, messages: [], losses: [] };
}

export function receiverOf({ messages, losses }: Listener): Receiver {
  return {
    message: (from, bytes) => messages.push({ from, bytes }),
    lost: (rank, why) => losses.push([rank, why]),
  };
}
