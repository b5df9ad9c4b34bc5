import { Slabs } from "../core/slabs.ts";
import { openInHalves } from "../core/smaller-slabs.ts";
import type { GroupMembers } from "../optimizers/blueprint.ts";
import type { Entry } from "../optimizers/entry.ts";
import { fillSlabs, needsSums } from "../optimizers/open-slabs.ts";
import type { Settings } from "../optimizers/settings.ts";
import type { Slice } from "./shard-plan.ts";

/**
 * The memories of one rank's shard: the slabs of all parameters, in which only what the rank owns is
 * laid out. Gradients come to them as float32.
 *
 * @param members with initial data of whole parameters; what is not owned is not read
 * @throws RangeError where a 16-bit model copy can't hold a value; AshlarError OUT_OF_MEMORY, NOT_READY
 */
export function openShard(
  entries: readonly Entry[],
  members: readonly GroupMembers[],
  settings: Settings,
  slices: readonly Slice[],
): Slabs {
  const { model, master, slabBytes } = settings;
  const runs = entries.map((): { first: number; length: number }[] => []);
  for (const { parameter, first, length } of slices.flatMap((slice) => slice.runs)) {
    runs[parameter].push({ first, length });
  }
  const slabs = openInHalves(
    entries.map(({ name, length, paramGroup: { amsgrad } }, index) => {
      return { name, length, amsgrad, runs: runs[index] };
    }),
    { slabBytes, model16: model !== "float32", grad16: false, splitParameters: true },
    (plan) => {
      const sums = needsSums(entries, settings);
      const options = { model, master, gradients: "float32", sums, team: null } as const;
      return new Slabs(plan, entries.length, options);
    },
  );
  fillSlabs(slabs, members, settings);
  return slabs;
}
