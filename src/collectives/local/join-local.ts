import { mismatch, wrongKind, wrongValue } from "../../errors.ts";
import { isPlainRecord, wholeNumberBetween } from "../../validate.ts";
import type { Collective } from "../collective.ts";
import { MessageCollective } from "../messages/message-collective.ts";
import { LONGEST } from "../messages/options.ts";
import { LocalLink } from "./local-link.ts";
import { type LocalRank, MOST_LOCAL } from "./local-ranks.ts";

/** Of ranks that were joined in this thread: not all engines tell that a port is used. */
const joined = new WeakSet<MessagePort>();

/**
 * Joins a group of this process as the rank that the handle was made for. It does not wait for the
 * others.
 *
 * In Node and Bun, calls under way keep a thread alive and nothing else of this does, and who ends
 * without close() is lost to the others at once; elsewhere after the timeout, and Deno keeps a thread
 * alive until close().
 *
 * @param handle of localRanks, not joined before
 * @throws TypeError, RangeError (as a rejection)
 */
export async function joinLocal(handle: LocalRank): Promise<Collective> {
  const { rank, timeout, ports } = checked(handle);
  return new MessageCollective(new LocalLink(rank, ownPorts(ports, rank)), { timeout });
}

/** A group of one: the Collective of a single process. */
export function soloCollective(): Collective {
  return new MessageCollective(new LocalLink(0, []));
}

function checked(handle: unknown): LocalRank {
  const expected = "one of localRanks";
  if (!isPlainRecord(handle)) throw wrongKind("handle", "joinLocal", expected, handle);
  const { rank, size, timeout, ports } = handle;
  const count = wholeNumberBetween(size, 1, MOST_LOCAL, "size", "handle");
  wholeNumberBetween(rank, 0, count - 1, "rank", "handle");
  const wanted = `a MessagePort to each of ${count - 1} other ranks`;
  if (!Array.isArray(ports)) throw wrongKind("ports", "handle", wanted, ports);
  if (ports.length !== count - 1) throw wrongValue("ports", "handle", wanted, ports.length);
  wholeNumberBetween(timeout, 1, LONGEST, "timeout", "handle");
  const other = ports.find((port) => !(port instanceof MessagePort));
  if (other !== undefined) throw wrongKind("ports", "handle", wanted, other);
  return { rank, size, timeout, ports } as LocalRank;
}

/** The ports, for this rank alone: whoever else still has the handle can do nothing with it. */
function ownPorts(ports: MessagePort[], rank: number): MessagePort[] {
  const got = `rank ${rank}'s again, or after it was posted elsewhere`;
  const used = new TypeError(mismatch("handle", "joinLocal", "one not used before", got));
  if (ports.some((port) => joined.has(port))) throw used;
  let own: MessagePort[];
  try {
    own = structuredClone(ports, { transfer: ports });
  } catch {
    throw used;
  }
  for (const port of ports) joined.add(port);
  return own;
}
