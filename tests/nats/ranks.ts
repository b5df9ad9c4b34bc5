import { type Collective, joinNats, type NatsOptions } from "../../src/adapters/nats/index.ts";
import type { FakeConnection, FakeServer } from "./fake-server.ts";

export interface Rank {
  readonly connection: FakeConnection;
  readonly collective: Collective;
}

/** Joins a rank for each entry, each with a connection of its own. */
export function joinAll(
  server: FakeServer,
  size: number,
  options: Partial<NatsOptions> = {},
): Promise<Rank[]> {
  const ranks = Array.from({ length: size }, async (_, rank) => {
    const connection = server.connect();
    const collective = await joinNats(connection, { group: "fake", rank, size, ...options });
    return { connection, collective };
  });
  return Promise.all(ranks);
}

export async function closeAll(ranks: readonly Rank[]): Promise<void> {
  await Promise.all(ranks.map(({ collective }) => collective.close()));
}
