import type { Reduction } from "../../collectives/collective.ts";
import { mismatch, show } from "../../errors.ts";
import {
  type Check,
  count,
  flag,
  listOf,
  record,
  text,
} from "../../optimizers/checkpoint/field-checks.ts";
import {
  badState,
  checkState,
  parseState,
  partOf,
} from "../../optimizers/checkpoint/read-saved-state.ts";
import type { SavedState } from "../../optimizers/checkpoint/saved-state.ts";
import { CheckpointError } from "../../state/checkpoint-error.ts";
import type { OwnedRun } from "../owned-run.ts";
import { isShardFile } from "./file-names.ts";

/** A shard as the index names it. */
export interface SavedShard {
  /** Name of its file. */
  readonly file: string;
  /** Of the whole file. */
  readonly bytes: number;
  /** SHA-256 of the file's header with its length, hex: it has the CRCs of all that follows. */
  readonly header: string;
  /** What it has, in the order of the parameters. */
  readonly runs: readonly OwnedRun[];
}

/** What an index says beside the state of an optimizer, as its field `sharded`. */
export interface SavedSharding {
  readonly reduction: Reduction;
  readonly average: boolean;
  /** By rank. */
  readonly shards: readonly SavedShard[];
}

const digest: Check = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isSharding = record({
  reduction: (value) => value === "ordered" || value === "fast",
  average: flag,
  shards: listOf(
    record({
      file: (value) => typeof value === "string" && isShardFile(value),
      bytes: count,
      header: digest,
      runs: listOf(record({ name: text, first: count, length: count })),
    }),
  ),
});

/**
 * Reads the state of an index, or of a checkpoint of one process, which has no `sharding`.
 *
 * @throws CheckpointError BAD_STATE for a text that no optimizer wrote, SHARDED for that of a shard
 */
export function readIndexState(json: string): {
  saved: SavedState;
  sharding: SavedSharding | null;
} {
  const { sharded, ...state } = parseState(json);
  if (partOf(state) === "shard") {
    const remedy = "Give load the folder, or the index that names it";
    throw new CheckpointError(
      "SHARDED",
      mismatch("source", "load", "an index, or all of a state", "one shard of several", remedy),
    );
  }
  const saved = checkState(state);
  if (sharded === undefined) return { saved, sharding: null };
  if (!isSharding(sharded)) {
    throw badState("sharded", "what docs/sharded-checkpoints.md says of it", show(sharded));
  }
  const sharding = sharded as SavedSharding;
  requireAll(saved, sharding);
  return { saved, sharding };
}

/** What a shard has, as the state of an optimizer of its runs alone. */
export function stateOfShard(saved: SavedState, { runs }: SavedShard): SavedState {
  const lengths = new Map(runs.map(({ name, length }) => [name, length]));
  const parameters = saved.parameters.flatMap((parameter) => {
    const length = lengths.get(parameter.name);
    return length === undefined ? [] : [{ ...parameter, shape: [length] }];
  });
  return { ...saved, parameters };
}

/** Throws unless the shards together have every element of every parameter once, rank after rank. */
function requireAll({ parameters, accumulation }: SavedState, { shards }: SavedSharding): void {
  if (accumulation !== null) throw badState("accumulation", "null beside shards", "sums");
  const expected = "each element of each parameter once, rank after rank";
  const taken = new Map(parameters.map(({ name }) => [name, 0]));
  for (const [rank, { runs }] of shards.entries()) {
    const names = new Set<string>();
    for (const { name, first, length } of runs) {
      if (taken.get(name) !== first || names.has(name)) {
        throw badState(`runs of shard ${rank + 1}`, expected, `${show(name)} from ${first}`);
      }
      names.add(name);
      taken.set(name, first + length);
    }
  }
  for (const { name, shape } of parameters) {
    const length = shape.reduce((product, size) => product * size, 1);
    if (taken.get(name) === length) continue;
    throw badState("sharded", expected, `${taken.get(name)} of ${length} of ${show(name)}`);
  }
}
