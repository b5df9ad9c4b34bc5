import type { Collective } from "../../collectives/collective.ts";
import { MessageCollective } from "../../collectives/messages/message-collective.ts";
import { RankError, wrongValue } from "../../errors.ts";
import { type NatsConnection, requireConnection } from "./connection.ts";
import { Membership } from "./membership.ts";
import { LEAST_PAYLOAD, largestOf, NatsLink } from "./nats-link.ts";
import { type NatsOptions, readOptions } from "./options.ts";
import { ofGroup } from "./subjects.ts";
import { Wire } from "./wire.ts";

export type { Collective, Reduction } from "../../collectives/collective.ts";
export type {
  NatsConnection,
  NatsError,
  NatsServerInfo,
  NatsStatus,
  NatsSubscription,
} from "./connection.ts";
export type { NatsOptions } from "./options.ts";

/**
 * Joins a group of ranks that exchange messages over a NATS server: processes, or pages through its
 * websocket. Resolves once all of them have.
 *
 * @param connection of the caller, who closes it after the collective: what `connect()` of
 *   @nats-io/transport-node resolves to, or `wsconnect()` of @nats-io/nats-core. It may come back after
 *   an interruption; the collective does not, as messages may be missing
 * @throws TypeError, RangeError for wrong arguments; RankError: RANK_LOST for ranks that are not there
 *   in `joinTimeout` or a connection that is closed, RANKS_DIFFER for another size, another version or
 *   a rank that is taken
 */
export async function joinNats(
  connection: NatsConnection,
  options: NatsOptions,
): Promise<Collective> {
  const where = "joinNats";
  const nats = requireConnection(connection, where);
  const known = readOptions(options, where);
  if (nats.info === undefined) {
    throw new RankError("RANK_LOST", null, "the connection to the NATS server is closed");
  }
  const { max_payload: maxPayload } = nats.info;
  if (!(maxPayload >= LEAST_PAYLOAD)) {
    const expected = `at least ${LEAST_PAYLOAD} bytes`;
    throw wrongValue("max_payload", "the NATS server", expected, maxPayload);
  }
  const largest = largestOf(maxPayload, known.size);
  const wire = new Wire(nats, ofGroup(known.group));
  const listen = (members: { run: string; largest: number }) => new NatsLink(wire, known, members);
  try {
    const link = await new Membership(wire, known, largest, listen).join();
    return new MessageCollective(link, { timeout: known.timeout });
  } catch (error) {
    await wire.close();
    throw error;
  }
}
