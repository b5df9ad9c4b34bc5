import { mismatch, show, wrongKind, wrongValue } from "../errors.ts";
import { isPlainRecord } from "../validate.ts";

// Groups whose parameters are chosen by name, as all adapters take them:
// docs/decisions/0013-groups-by-name.md.

/** Which parameters a group takes: a function of the name, a pattern, or a list of names. */
export type Match = ((name: string) => boolean) | RegExp | readonly string[];

/** Chooses its parameters by name; what else it has are the group's own options. */
export interface MatchedGroup {
  /** For reports and messages. Not "default", which is the group of all other parameters. */
  readonly name: string;
  /** Which parameters it takes; the first group that takes one has it. */
  readonly match: Match;
}

/** A group after its name and match are read; its options are still the caller's. */
export interface ReadGroup extends MatchedGroup {
  readonly options: Readonly<Record<string, unknown>>;
}

/** A group and the names that it was given, in their order. */
export interface AssignedGroup {
  readonly name: string;
  /** What the group has for itself; {} for "default". */
  readonly options: Readonly<Record<string, unknown>>;
  readonly names: readonly string[];
}

/** The group of all parameters that no other takes. */
export const REST = "default";

const FORM = "{ name, match, ... }";
const whereOf = (name: string) => `group ${show(name)}`;

/** @throws TypeError for a wrong kind; RangeError for a name given twice, "" and "default" */
export function readGroups(groups: unknown): ReadGroup[] {
  if (groups === undefined) return [];
  if (!Array.isArray(groups)) throw wrongKind("groups", "the options", `a list of ${FORM}`, groups);
  const known = new Set<string>();
  // Not map: it passes over holes.
  return Array.from(groups as unknown[], (group, index) => {
    const read = readGroup(group, `groups[${index}]`);
    if (known.has(read.name)) {
      throw wrongValue("name", `groups[${index}]`, "a name that no other group has", read.name);
    }
    known.add(read.name);
    return read;
  });
}

function readGroup(group: unknown, place: string): ReadGroup {
  if (!isPlainRecord(group)) throw wrongKind(place, "the options", `an object ${FORM}`, group);
  const { name, match, ...options } = group;
  if (typeof name !== "string") throw wrongKind("name", place, "a string", name);
  if (name === "") throw wrongValue("name", place, "a string that is not empty", name);
  if (name === REST) {
    throw wrongValue("name", place, "another name: that group gets what no other takes", name);
  }
  const isList = Array.isArray(match) && match.every((each) => typeof each === "string");
  if (typeof match !== "function" && !(match instanceof RegExp) && !isList) {
    const expected = "a function (name) => boolean, a RegExp or a list of names";
    throw wrongKind("match", whereOf(name), expected, match);
  }
  return { name, match: match as Match, options };
}

/** The name of the first group that takes a parameter. */
export function groupOf(parameter: string, groups: readonly MatchedGroup[]): string {
  return groups.find((group) => takes(group, parameter))?.name ?? REST;
}

function takes({ name, match }: MatchedGroup, parameter: string): boolean {
  // Not test(), which begins where a global pattern left off.
  if (match instanceof RegExp) return parameter.search(match) >= 0;
  if (typeof match !== "function") return match.includes(parameter);
  const answer: unknown = match(parameter);
  if (typeof answer === "boolean") return answer;
  const where = `${whereOf(name)} for parameter ${show(parameter)}`;
  throw wrongKind("match", where, "true or false", answer);
}

/**
 * Deals names out: the first group that matches takes a name, and the group "default" what none
 * took, where there is any. Groups that take none are left out.
 */
export function assignGroups(
  names: readonly string[],
  groups: readonly ReadGroup[],
): AssignedGroup[] {
  const owners = names.map((name) => groupOf(name, groups));
  return [...groups, { name: REST, options: {} }].flatMap(({ name, options }) => {
    const own = names.filter((_, index) => owners[index] === name);
    return own.length > 0 ? [{ name, options, names: own }] : [];
  });
}

/**
 * For when all names are known: a group without one is a slip.
 *
 * @throws RangeError for a group that takes none
 */
export function requireTaken(
  groups: readonly ReadGroup[],
  assigned: readonly AssignedGroup[],
): void {
  const taken = new Set(assigned.map(({ name }) => name));
  for (const { name } of groups) {
    if (taken.has(name)) continue;
    const remedy = "The first group that matches a name takes it";
    throw new RangeError(mismatch("match", whereOf(name), "to take a parameter", "none", remedy));
  }
}
