import { wrongKind, wrongValue } from "../../errors.ts";
import { knownKeys, optionObject, wholeNumberBetween } from "../../validate.ts";

/** What `joinNats` is told. */
export interface NatsOptions {
  /**
   * Name of the run, the same on all its ranks: 1 to 64 letters, digits, `-` and `_`. Two runs at the
   * same time on one server need two names.
   */
  readonly group: string;
  /** This rank: 0 to size - 1. */
  readonly rank: number;
  /** How many ranks there are: 1 to 1,024. */
  readonly size: number;
  /** Milliseconds without a sign of a rank, after which it is lost. Default 30,000. */
  readonly timeout?: number;
  /** Milliseconds until all ranks must be there. Default 60,000. */
  readonly joinTimeout?: number;
}

export type JoinOptions = Required<NatsOptions>;

const KEYS = ["group", "rank", "size", "timeout", "joinTimeout"] as const;
const GROUP = /^[A-Za-z0-9_-]{1,64}$/;
const MOST_RANKS = 1024;
/** What timers take. */
const LONGEST = 2_147_483_647;

/** @throws TypeError, RangeError */
export function readOptions(value: unknown, where: string): JoinOptions {
  const options = optionObject(value, "options", where);
  knownKeys(options, KEYS, where);
  const { group, timeout = 30_000, joinTimeout = 60_000 } = options;
  const expected = "1 to 64 letters, digits, - and _";
  if (typeof group !== "string") throw wrongKind("group", where, expected, group);
  if (!GROUP.test(group)) throw wrongValue("group", where, expected, group);
  const size = wholeNumberBetween(options.size, 1, MOST_RANKS, "size", where);
  return {
    group,
    size,
    rank: wholeNumberBetween(options.rank, 0, size - 1, "rank", where),
    timeout: wholeNumberBetween(timeout, 1, LONGEST, "timeout", where),
    joinTimeout: wholeNumberBetween(joinTimeout, 1, LONGEST, "joinTimeout", where),
  };
}
