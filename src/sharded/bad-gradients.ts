import type { Collective } from "../collectives/collective.ts";
import type { Entry } from "../optimizers/entry.ts";
import type { BadGradient } from "../optimizers/step-report.ts";

const KINDS: readonly BadGradient["kind"][] = ["nan", "infinite", "overflow"];

/** Of each rank: 1 where it found one, the parameter, the element, its value, its kind. float64[5] */
const LENGTH = 5;

/**
 * The first bad gradient that any rank found, in the order of the parameters: ranks own them in that
 * order.
 */
export async function firstBadGradient(
  collective: Collective,
  own: BadGradient | null,
  entries: readonly Entry[],
): Promise<BadGradient | null> {
  const { rank, size } = collective;
  const records = new Float64Array(LENGTH * size);
  if (own) {
    const parameter = entries.findIndex(({ name }) => name === own.parameter);
    records.set([1, parameter, own.index, own.value, KINDS.indexOf(own.kind)], LENGTH * rank);
  }
  await collective.allGather(
    Array.from(
      { length: size },
      (_, i) => new Uint8Array(records.buffer, 8 * LENGTH * i, 8 * LENGTH),
    ),
  );
  for (let at = 0; at < records.length; at += LENGTH) {
    if (records[at] === 0) continue;
    const [, parameter, index, value, kind] = records.subarray(at, at + LENGTH);
    return { parameter: entries[parameter].name, index, value, kind: KINDS[kind] };
  }
  return null;
}
