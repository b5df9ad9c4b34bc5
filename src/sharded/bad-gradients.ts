import type { Collective } from "../collectives/collective.ts";
import type { Entry } from "../optimizers/entry.ts";
import type { BadGradient } from "../optimizers/step-report.ts";
import { gatherRecords } from "./gather-records.ts";

const KINDS: readonly BadGradient["kind"][] = ["nan", "infinite", "overflow"];

/** 1 where a rank found one, the parameter, the element, its value, its kind. */
type BadRecord = [found: number, parameter: number, index: number, value: number, kind: number];

/**
 * The first bad gradient that any rank found, in the order of the parameters: ranks own them in that
 * order.
 */
export async function firstBadGradient(
  collective: Collective,
  own: BadGradient | null,
  entries: readonly Entry[],
): Promise<BadGradient | null> {
  let record: BadRecord = [0, 0, 0, 0, 0];
  if (own) {
    const parameter = entries.findIndex(({ name }) => name === own.parameter);
    record = [1, parameter, own.index, own.value, KINDS.indexOf(own.kind)];
  }
  for (const { buffer } of await gatherRecords(collective, Float64Array.from(record))) {
    const [found, parameter, index, value, kind] = new Float64Array(buffer);
    if (found === 0) continue;
    return { parameter: entries[parameter].name, index, value, kind: KINDS[kind] };
  }
  return null;
}
