import { show, wrongKind, wrongValue } from "../../errors.ts";
import { isPlainRecord } from "../../validate.ts";

/** Which variables a group takes: a function of the name, a pattern, or a list of names. */
export type Match = ((name: string) => boolean) | RegExp | readonly string[];

/** A param group: its variables, and what it has for itself. */
export type VariableGroup<Options> = Options & {
  /** For reports and messages. Not "default", which is the group of all other variables. */
  readonly name: string;
  readonly match: Match;
};

/** A group after its name and match are read; its options are still the caller's. */
export interface ReadGroup {
  readonly name: string;
  readonly match: Match;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The group of all variables that no other takes. */
export const REST = "default";

const FORM = "an object { name, match, ... }";

/** @throws TypeError for a wrong kind; RangeError for a name given twice */
export function readGroups(groups: unknown): ReadGroup[] {
  if (groups === undefined) return [];
  if (!Array.isArray(groups)) throw wrongKind("groups", "the options", "a list of groups", groups);
  const names = new Set<string>();
  return Array.from(groups as unknown[], (group, index) => {
    const read = readGroup(group, `groups[${index}]`);
    if (names.has(read.name)) {
      throw wrongValue("name", `groups[${index}]`, "a name that no other group has", read.name);
    }
    names.add(read.name);
    return read;
  });
}

function readGroup(group: unknown, place: string): ReadGroup {
  if (!isPlainRecord(group)) throw wrongKind(place, "the options", FORM, group);
  const { name, match, ...options } = group;
  if (typeof name !== "string") throw wrongKind("name", place, "a string", name);
  if (name === "" || name === REST) {
    throw wrongValue("name", place, `a name other than "" and "${REST}"`, name);
  }
  const listed = Array.isArray(match) && match.every((each) => typeof each === "string");
  if (typeof match !== "function" && !(match instanceof RegExp) && !listed) {
    const expected = "a function (name) => boolean, a RegExp or a list of names";
    throw wrongKind("match", `group ${show(name)}`, expected, match);
  }
  return { name, match: match as Match, options };
}

/** The name of the first group that takes a variable. */
export function groupOf(variable: string, groups: readonly ReadGroup[]): string {
  return groups.find((group) => takes(group, variable))?.name ?? REST;
}

function takes({ name, match }: ReadGroup, variable: string): boolean {
  // Not test(), which begins where a global pattern left off.
  if (match instanceof RegExp) return variable.search(match) >= 0;
  if (typeof match !== "function") return match.includes(variable);
  const answer: unknown = match(variable);
  if (typeof answer === "boolean") return answer;
  const where = `group ${show(name)} for variable ${show(variable)}`;
  throw wrongKind("match", where, "true or false", answer);
}
