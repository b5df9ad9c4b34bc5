import { mismatch, show, wrongKind, wrongValue } from "../errors.ts";
import { isPlainRecord } from "../validate.ts";

/** Chooses its parameters by name; what else it has are the group's own options. */
export interface MatchedGroup {
  /** For reports and messages. Not "default". */
  readonly name: string;
  readonly match: (name: string) => boolean;
}

/** A group and the names that it was given, in their order. */
export interface AssignedGroup<Group extends MatchedGroup> {
  readonly name: string;
  /** What the group has for itself; {} for "default". */
  readonly options: Omit<Group, "name" | "match">;
  readonly names: readonly string[];
}

const REST = "default";

/**
 * Deals names out to groups: the first group whose `match` says true takes a name, and the group
 * "default" what none took, where there is any.
 *
 * @throws TypeError for a wrong kind; RangeError for a name given twice and for an empty group
 */
export function assignGroups<Group extends MatchedGroup>(
  names: readonly string[],
  groups: readonly Group[],
): AssignedGroup<Group>[] {
  checkGroups(groups);
  const taken = groups.map((): string[] => []);
  const rest: string[] = [];
  for (const name of names) {
    const index = groups.findIndex((group) => matches(group, name));
    (index < 0 ? rest : taken[index]).push(name);
  }
  const assigned = groups.map(({ name, match: _, ...options }, index): AssignedGroup<Group> => {
    if (taken[index].length === 0) {
      const remedy = "The first group that matches a name takes it";
      const message = mismatch("match", whereOf(name), "to take a parameter", "none", remedy);
      throw new RangeError(message);
    }
    return { name, options, names: taken[index] };
  });
  if (rest.length === 0) return assigned;
  return [...assigned, { name: REST, options: {} as Omit<Group, "name" | "match">, names: rest }];
}

const whereOf = (name: string) => `group ${show(name)}`;

function matches({ name, match }: MatchedGroup, parameter: string): boolean {
  const answer: unknown = match(parameter);
  if (typeof answer === "boolean") return answer;
  const where = `${whereOf(name)} for parameter ${show(parameter)}`;
  throw wrongKind("match", where, "true or false", answer);
}

function checkGroups(groups: unknown): void {
  const form = "{ name, match, ... }";
  if (!Array.isArray(groups)) throw wrongKind("groups", "the options", `a list of ${form}`, groups);
  const known = new Set<string>();
  // Not forEach: it passes over holes.
  for (const [index, group] of (groups as unknown[]).entries()) {
    const place = `groups[${index}]`;
    if (!isPlainRecord(group)) throw wrongKind(place, "the options", `an object ${form}`, group);
    const { name, match } = group;
    if (typeof name !== "string") throw wrongKind("name", place, "a string", name);
    if (name === "") throw wrongValue("name", place, "a string that is not empty", name);
    if (name === REST) {
      throw wrongValue("name", place, "another name: that group gets what no other takes", name);
    }
    if (known.has(name)) throw wrongValue("name", place, "a name that no other group has", name);
    known.add(name);
    if (typeof match !== "function") {
      throw wrongKind("match", whereOf(name), "a function (name) => boolean", match);
    }
  }
}
