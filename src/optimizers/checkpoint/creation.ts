import { isPlainRecord } from "../../validate.ts";

/** How an optimizer was made, for checkpoints: what its class was given, rates as they were read. */
export interface Creation {
  /** The options, without parameters. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What each group had for itself, in the order of the groups. */
  readonly groups: readonly Readonly<Record<string, unknown>>[];
  /** What a parameter was given besides its shape and data. */
  readonly ofParameter?: (name: string) => unknown;
  /** Names of all parameters in the order wanted, where there was a wish. */
  readonly order?: readonly string[];
}

/**
 * The options that were given, with what was made of some: an iterable can be read once only.
 *
 * @param read by option name; counts only where the option was given
 */
export function givenOptions(
  options: object,
  read: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Object.hasOwn(read, key) ? read[key] : copied(value)]),
  );
}

/** What the caller does to a list or a record of theirs afterwards is not how it was made. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return [...value];
  return isPlainRecord(value) ? { ...value } : value;
}
