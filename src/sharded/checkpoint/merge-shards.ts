import { allocate, mismatch } from "../../errors.ts";
import { readSaveOptions, type SaveOptions, writeTo } from "../../optimizers/checkpoint/save.ts";
import { planesOfSaved } from "../../optimizers/checkpoint/tensors-of.ts";
import { CheckpointError } from "../../state/checkpoint-error.ts";
import { writeCheckpoint } from "../../state/checkpoint-file/write-checkpoint.ts";
import { sizeOf } from "../../state/safetensors/size.ts";
import { openTarget, type SaveTarget } from "../../state/targets/open-target.ts";
import { type OpenIndex, openIndex, withShard } from "./open-files.ts";
import type { ShardSource } from "./places.ts";
import type { SavedSharding } from "./saved-shards.ts";

/**
 * Makes one ordinary checkpoint of a sharded one, which AdamW.load goes on from: byte for byte what a
 * single process with that state saves. On one process, no rank; all of the state passes through its
 * memory.
 *
 * @param source the folder of the sharded checkpoint, its index, or a function of a file's name
 * @param target whatever Optimizer.save takes
 * @throws CheckpointError for files that are missing, damaged or not of one save, NOT_SHARDED for a
 *   checkpoint that is an ordinary one; as Optimizer.save
 */
export async function mergeShards(
  source: ShardSource,
  target: SaveTarget,
  options: SaveOptions = {},
): Promise<void> {
  const { keep, onProgress } = readSaveOptions(options);
  const index = await openIndex(source);
  // An index has no data.
  await index.reader.close();
  const { saved, sharding } = index;
  if (sharding === null) {
    const remedy = "It is one already: AdamW.load takes it";
    const got = "an ordinary checkpoint";
    const message = mismatch("source", "mergeShards", "the index of shards", got, remedy);
    throw new CheckpointError("NOT_SHARDED", message);
  }
  const bytes = await readAll(index, sharding);
  const tensors = planesOfSaved(saved).map(({ name, dtype, shape }) => {
    return { name, dtype, shape, parts: () => bytes.get(name) as Uint8Array[] };
  });
  const contents = { state: JSON.stringify(saved), tensors };
  await writeTo(
    () => openTarget(target, { keep }),
    (sink) => writeCheckpoint(sink, contents, onProgress),
  );
}

/** The bytes of all tensors, by name: a piece of each shard that has some, in the order of the ranks. */
async function readAll(
  index: OpenIndex,
  { shards }: SavedSharding,
): Promise<ReadonlyMap<string, readonly Uint8Array[]>> {
  const all = new Map(planesOfSaved(index.saved).map(({ name }) => [name, [] as Uint8Array[]]));
  for (const shard of shards) {
    await withShard(index, shard, (checkpoint) =>
      checkpoint.readTensors(({ name, dtype, shape }) => {
        const size = sizeOf(name, dtype, shape);
        const piece = allocate(size, "a piece of a shard", () => new Uint8Array(size));
        all.get(name)?.push(piece);
        return (bytes, offset) => piece.set(bytes, offset);
      }),
    );
  }
  return all;
}
