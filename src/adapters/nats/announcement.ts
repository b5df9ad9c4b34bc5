import { isPlainRecord } from "../../validate.ts";

// What ranks tell one another before a run: JSON, under the group's join subject.

/** Raised with every change of what ranks send one another. */
export const PROTOCOL = 1;

/** Bytes that a message must hold at least: headers, and errors of other ranks. */
export const LEAST = 1024;

/** Of the random names of members: hexadecimal digits, so that they can stand in a subject. */
const MEMBER = /^[0-9a-f]{16}$/;

/** One who wants to be a rank of a group. */
export interface Announcement {
  readonly rank: number;
  readonly size: number;
  /** Its random name. */
  readonly member: string;
  /** When it came: milliseconds since 1970 by its own clock. */
  readonly since: number;
  /** Most bytes of one message that its server takes: at least LEAST. */
  readonly largest: number;
  /** The members of all ranks, once it knows them; it then hears what they send. */
  readonly members: readonly string[] | null;
  /** Whether it knows that all others know the same members. */
  readonly running: boolean;
}

export function newMember(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function encode(announcement: Announcement): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ protocol: PROTOCOL, ...announcement }));
}

/**
 * @returns the announcement, or the protocol where that is another one; undefined for what is neither:
 *   anybody may publish anything
 */
export function decode(data: Uint8Array): Announcement | number | undefined {
  let said: unknown;
  try {
    said = JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
  if (!isPlainRecord(said) || !isCount(said.protocol, 0)) return undefined;
  if (said.protocol !== PROTOCOL) return said.protocol;
  return isAnnouncement(said) ? said : undefined;
}

function isAnnouncement(said: object): said is Announcement {
  const { rank, size, member, since, largest, members, running } = said as Record<string, unknown>;
  if (!(isCount(size, 1) && isCount(rank, 0) && rank < size && isCount(largest, LEAST)))
    return false;
  if (!isMember(member) || !isCount(since, 0) || typeof running !== "boolean") return false;
  if (members === null) return !running;
  return Array.isArray(members) && members.length === size && members.every(isMember);
}

const isMember = (value: unknown) => typeof value === "string" && MEMBER.test(value);

const isCount = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least;
