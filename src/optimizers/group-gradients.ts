import type { Slabs } from "../core/slabs.ts";
import { wrongValue } from "../errors.ts";
import type { Entry } from "./entry.ts";

/** Where a parameter's run lies within a GroupGradients. */
export interface GroupGradientRun {
  /** The parameter's name. */
  readonly name: string;
  /** Element of the view where the run begins. */
  readonly offset: number;
  /** Element of the parameter that it begins with: 0 unless the parameter is split. */
  readonly first: number;
  /** Elements of the run. */
  readonly length: number;
}

/** Gradients of a group that lie one after the other in one memory. */
export interface GroupGradients {
  /** A fresh view over all runs. What lies between two runs belongs to nobody and is never read. */
  readonly gradient: Float32Array;
  /** The same in 16 bits; null where gradients are float32. */
  readonly gradient16: Uint16Array | null;
  /** The runs in this memory, ascending. */
  readonly runs: readonly GroupGradientRun[];
}

/** Views over the gradients of a whole group: one for each memory that it lies in. */
export function groupGradients(
  slabs: Slabs,
  entries: readonly Entry[],
  group: string,
  halves: boolean,
): GroupGradients[] {
  const members = entries.filter((entry) => entry.group === group);
  if (members.length === 0) throw wrongValue("group", "groupGradients", "the name of one", group);
  return slabs.stretchesOf(members.map(({ index }) => index)).map((parts) => {
    const start = parts[0].segment.element;
    return {
      gradient: slabs.stretch(parts, "grad"),
      gradient16: halves ? slabs.stretch16(parts) : null,
      runs: parts.map(({ segment: { parameter, element, first, length } }) => ({
        name: entries[parameter].name,
        offset: element - start,
        first,
        length,
      })),
    };
  });
}
