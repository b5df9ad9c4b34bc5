import { mismatch, show, wrongKind, wrongValue } from "../errors.ts";
import { isFloat32Array, isPlainRecord } from "../validate.ts";
import { isIterable, type NamedParameter, readNamedParameters } from "./named.ts";

/** A param group after its parameters are read; its options are still the caller's. */
export interface RawGroup {
  readonly name: string;
  /** How messages call it: `group "head"`. */
  readonly where: string;
  readonly parameters: readonly NamedParameter[];
  /** All keys but `params` and `name`. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Reads a record of parameters, an iterable of parameters, or a list of groups.
 *
 * Parameters without groups make one group, "default". Names are unique over all groups.
 *
 * @throws TypeError for a wrong kind; RangeError for an empty group and for a name given twice
 */
export function readGroups(input: unknown): RawGroup[] {
  const entries = isIterable(input) && !ArrayBuffer.isView(input) ? [...input] : null;
  if (isGroup(input) && !isFloat32Array(input.params) && !isSpec(input.params)) {
    throw new TypeError(
      mismatch(
        "parameters",
        "the optimizer",
        "a list of groups",
        "one group",
        "Write [{ params, ... }]",
      ),
    );
  }
  const groups = entries?.some(isGroup)
    ? entries.map(readGroup)
    : [onlyGroup(readNamedParameters(entries ?? input, "the optimizer"))];
  refuseRepeats(groups);
  return groups;
}

function isGroup(entry: unknown): entry is Record<string, unknown> {
  return isPlainRecord(entry) && Object.hasOwn(entry, "params");
}

/** A parameter may be called "params" too. */
function isSpec(value: unknown): boolean {
  return isPlainRecord(value) && Array.isArray(value.shape);
}

function onlyGroup(parameters: NamedParameter[]): RawGroup {
  if (parameters.length === 0) {
    throw nothingIn("the optimizer");
  }
  return { name: "default", where: "the options", parameters, options: {} };
}

/** Reads one group that stands at `index` in the list. @throws as readGroups */
export function readGroup(entry: unknown, index: number): RawGroup {
  if (!isGroup(entry)) {
    throw wrongKind(
      `[${index}]`,
      "the list of groups",
      "an object { params, ... } like its neighbours",
      entry,
    );
  }
  const { params, name, ...options } = entry;
  if (name !== undefined && typeof name !== "string") {
    throw wrongKind("name", `group ${index}`, "a string", name);
  }
  if (name === "") throw wrongValue("name", `group ${index}`, "a string that is not empty", name);
  const where = name === undefined ? `group ${index}` : `group ${show(name)}`;
  const parameters = readNamedParameters(params, where);
  if (parameters.length === 0) {
    throw nothingIn(where);
  }
  return { name: name ?? `group${index}`, where, parameters, options };
}

function nothingIn(where: string): RangeError {
  return new RangeError(mismatch("params", where, "at least one parameter", "none"));
}

function refuseRepeats(groups: readonly RawGroup[]): void {
  const groupNames = new Set<string>();
  const owners = new Map<string, RawGroup>();
  for (const group of groups) {
    if (groupNames.has(group.name)) {
      throw wrongValue("name", group.where, "a name that no other group has", group.name);
    }
    groupNames.add(group.name);
    for (const { name } of group.parameters) {
      const owner = owners.get(name);
      if (owner) {
        throw new RangeError(
          `parameter ${show(name)} of ${group.where}: expected each name once, ` +
            `got it ${owner === group ? "twice" : `in ${owner.where} too`}`,
        );
      }
      owners.set(name, group);
    }
  }
}
