import type { Slabs } from "../core/slabs.ts";
import { mismatch, wrongValue } from "../errors.ts";
import { inNameOrder } from "../parameters/name-order.ts";
import type { Blueprint, GroupMembers } from "./blueprint.ts";
import { bindParameters, type Entry } from "./entry.ts";
import { openSlabs } from "./open-slabs.ts";
import type { ParamGroup } from "./param-group.ts";
import { Stepper } from "./stepper.ts";

/** The parameters of an optimizer, where they lie, and what steps over them. */
export interface Bound {
  /** In the order given. */
  readonly groups: readonly ParamGroup[];
  readonly entries: readonly Entry[];
  readonly sorted: readonly Entry[];
  readonly byName: ReadonlyMap<string, Entry>;
  /** Names that the layer rule does not know. */
  readonly unmatched: readonly string[];
  readonly slabs: Slabs;
  readonly stepper: Stepper;
}

type Rule = Omit<Blueprint, "members">;

/** @throws TypeError, RangeError for what a rule gave; AshlarError OUT_OF_MEMORY, NOT_READY */
export function bind(rule: Rule, members: readonly GroupMembers[]): Bound {
  const { entries, unmatched } = bindParameters(members, rule.settings);
  const groups = members.map(({ group }) => group);
  return bound(rule, groups, entries, unmatched, openSlabs(entries, members, rule.settings));
}

/**
 * The same with more parameters, which may be of a new group or of one that there is. All state is
 * carried over, gradients too; the old memories are let go of.
 *
 * @param recheck is called once the rules were asked, which are the caller's code
 * @throws RangeError for a name that there is already; else as bind, changing nothing
 */
export function grow(rule: Rule, old: Bound, added: GroupMembers, recheck: () => void): Bound {
  const { where } = added.group;
  if (added.parameters.length === 0) {
    throw new RangeError(mismatch("parameters", where, "at least one parameter", "none"));
  }
  const names = new Set(old.byName.keys());
  for (const { name } of added.parameters) {
    if (names.has(name))
      throw wrongValue("name", where, "a name that no other parameter has", name);
    names.add(name);
  }
  const members = [...old.entries.map(memberOf), added];
  const { entries: all, unmatched } = bindParameters(members, rule.settings);
  recheck();
  // What the rules said of the others stays.
  const entries = [...old.entries, ...all.slice(old.entries.length)];
  const groups = old.groups.includes(added.group) ? old.groups : [...old.groups, added.group];
  const slabs = openSlabs(entries, members, rule.settings);
  const grown = carryOver(rule, old, bound(rule, groups, entries, unmatched, slabs));
  if (rule.counting === "global") {
    for (const entry of entries) entry.t = grown.stepper.steps;
  }
  return grown;
}

/**
 * The same in memories of its own, for the caller's thread alone: where a lost worker may yet write to
 * the old ones. It may have been reading gradients, so that the state in them is whole.
 *
 * @throws AshlarError OUT_OF_MEMORY, changing nothing
 */
export function moveOut(rule: Rule, old: Bound): Bound {
  const { groups, entries, unmatched } = old;
  const slabs = openSlabs(entries, entries.map(memberOf), { ...rule.settings, threads: 1 });
  return carryOver(rule, old, bound(rule, groups, entries, unmatched, slabs));
}

/** Takes over all state, gradients too, and lets go of the old memories. */
function carryOver(rule: Rule, old: Bound, into: Bound): Bound {
  for (const entry of old.entries) copyState(old.slabs, into.slabs, entry, rule);
  into.stepper.continue(old.stepper);
  old.slabs.release();
  return into;
}

function bound(
  rule: Rule,
  groups: readonly ParamGroup[],
  entries: readonly Entry[],
  unmatched: readonly string[],
  slabs: Slabs,
): Bound {
  const sorted = inNameOrder(entries);
  let stepper: Stepper;
  try {
    stepper = new Stepper(slabs, rule, groups, entries, sorted);
  } catch (cause) {
    // Memory was refused, and its workers would never end.
    slabs.release();
    throw cause;
  }
  return {
    groups: Object.freeze([...groups]),
    entries,
    sorted,
    byName: new Map(entries.map((entry) => [entry.name, entry])),
    unmatched,
    slabs,
    stepper,
  };
}

/** A parameter without data: its memory begins as zeros. */
function memberOf({ paramGroup, name, shape, length }: Entry): GroupMembers {
  return { group: paramGroup, parameters: [{ name, shape, length, data: null, dtype: "float32" }] };
}

function copyState(from: Slabs, to: Slabs, { index, paramGroup }: Entry, { settings }: Rule): void {
  const [sources, targets] = [from.partsOf(index), to.partsOf(index)];
  const max = paramGroup.amsgrad ? (["maxExpAvgSq"] as const) : [];
  for (const plane of ["param", "grad", "expAvg", "expAvgSq", ...max] as const) {
    copyRuns(from.runsOf(index, plane), to.runsOf(index, plane));
  }
  const runs = (parts: typeof sources, view: (part: (typeof sources)[number]) => Uint16Array) =>
    parts.map((part) => ({ first: part.segment.first, values: view(part) }));
  if (settings.model !== "float32") {
    copyRuns(
      runs(sources, (part) => from.model(part)),
      runs(targets, (part) => to.model(part)),
    );
  }
  if (settings.gradients !== "float32") {
    copyRuns(
      runs(sources, (part) => from.gradient16(part)),
      runs(targets, (part) => to.gradient16(part)),
    );
  }
}

interface Run<Values> {
  readonly first: number;
  readonly values: Values;
}

/** Copies a plane that is cut otherwise, as bytes: a NaN keeps its bits. */
function copyRuns<Values extends Float32Array | Uint16Array>(
  from: readonly Run<Values>[],
  to: readonly Run<Values>[],
): void {
  for (const target of to) {
    for (const source of from) {
      const begin = Math.max(target.first, source.first);
      const end = Math.min(
        target.first + target.values.length,
        source.first + source.values.length,
      );
      if (begin >= end) continue;
      const part = source.values.subarray(begin - source.first, end - source.first);
      (target.values as Float32Array).set(part, begin - target.first);
    }
  }
}
