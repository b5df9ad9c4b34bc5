import { fillRuns, finish } from "../../optimizers/checkpoint/fill.ts";
import type { Fit } from "../../optimizers/checkpoint/fit-parameters.ts";
import type { Progress } from "../../state/progress.ts";
import type { OwnedRun } from "../owned-run.ts";
import { type Held, internalsOf } from "./internals-of.ts";
import { type OpenIndex, withShard } from "./open-files.ts";
import type { SavedShard, SavedSharding } from "./saved-shards.ts";

/**
 * Reads what this rank owns from those shards that have some of it, whoever had it then.
 *
 * @throws CheckpointError for a shard that is missing, damaged or another one
 */
export async function fillShards(
  held: Held,
  index: OpenIndex,
  { shards }: SavedSharding,
  fit: Fit,
  onProgress: ((progress: Progress) => void) | undefined,
): Promise<void> {
  const { run } = held;
  const internals = internalsOf(held);
  const own = new Map(run.owned(run.shard.collective.rank).map((each) => [each.name, each]));
  const needed = shards.filter((shard) => hasSome(shard, own));
  const total = needed.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  for (const shard of needed) {
    const firsts = new Map(shard.runs.map(({ name, first }) => [name, first]));
    await withShard(index, shard, (checkpoint) =>
      fillRuns(internals, checkpoint, index.saved, fit, firsts, ({ bytes }) =>
        onProgress?.({ bytes: before + bytes, total }),
      ),
    );
    before += shard.bytes;
  }
  finish(internals, index.saved, fit, new Map());
}

/** Whether a shard has elements that are this rank's. */
function hasSome({ runs }: SavedShard, own: ReadonlyMap<string, OwnedRun>): boolean {
  return runs.some(({ name, first, length }) => {
    const of = own.get(name);
    return of !== undefined && first < of.first + of.length && of.first < first + length;
  });
}
