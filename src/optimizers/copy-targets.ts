import { show, wrongKind, wrongValue } from "../errors.ts";
import { isPlainRecord, requireLength } from "../validate.ts";
import type { Entry } from "./entry.ts";

/** Arrays to copy weights into, by parameter name. */
export type CopyTargets = Readonly<Record<string, Float32Array | Uint16Array>>;

/** What a target may be: a check of it, and its words. */
export type AllowedTarget = readonly [isAllowed: (target: unknown) => boolean, expected: string];

/** A target whose parameter is known and whose length is right. */
export interface CheckedTarget {
  readonly entry: Entry;
  readonly target: Float32Array | Uint16Array;
}

/** Checks all targets of `copyTo`. Reading them may run the caller's code. @throws TypeError, RangeError */
export function checkTargets(
  targets: CopyTargets,
  byName: ReadonlyMap<string, Entry>,
  [isAllowed, expected]: AllowedTarget,
): readonly CheckedTarget[] {
  const where = "copyTo";
  if (!isPlainRecord(targets)) {
    throw wrongKind("targets", where, "a record of name to array", targets);
  }
  return Object.entries(targets).map(([name, target]) => {
    const entry = byName.get(name);
    if (!entry) throw wrongValue("targets", where, "names of parameters", name);
    const of = `parameter ${show(name)}`;
    if (!isAllowed(target)) throw wrongKind("target", of, expected, target);
    requireLength(target, entry.length, "target", of);
    return { entry, target };
  });
}
