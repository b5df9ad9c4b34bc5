import { mismatch, show } from "../../errors.ts";
import { checkTensors } from "../../optimizers/checkpoint/check-tensors.ts";
import type { SavedState } from "../../optimizers/checkpoint/saved-state.ts";
import type { ByteReader } from "../../state/bytes.ts";
import { CheckpointError } from "../../state/checkpoint-error.ts";
import { checkpointOf, type OpenCheckpoint } from "../../state/checkpoint-file/read-checkpoint.ts";
import { digestBytes } from "../../state/digest.ts";
import { readHeader } from "../../state/safetensors/read-header.ts";
import { openSource } from "../../state/sources/open-source.ts";
import { type ShardSource, type Sources, sourcesOf } from "./places.ts";
import {
  readIndexState,
  type SavedShard,
  type SavedSharding,
  stateOfShard,
} from "./saved-shards.ts";

/** An index, or a checkpoint of one process, whose header is read and whose state is right. */
export interface OpenIndex {
  readonly sources: Sources;
  /** For its owner to close. */
  readonly reader: ByteReader;
  readonly checkpoint: OpenCheckpoint;
  /** SHA-256 of its header, which has the CRCs of all its contents. Hex. */
  readonly header: string;
  readonly saved: SavedState;
  /** null for a checkpoint of one process, which has its tensors in itself. */
  readonly sharding: SavedSharding | null;
}

/** @throws CheckpointError for a file that is damaged, or no checkpoint for ranks to go on from */
export async function openIndex(source: ShardSource): Promise<OpenIndex> {
  const sources = await sourcesOf(source);
  const reader = await openSource(sources.index);
  try {
    const { checkpoint, header } = await openFile(reader);
    const { saved, sharding } = readIndexState(checkpoint.state);
    if (sharding === null) checkTensors(saved, checkpoint.tensors);
    return { sources, reader, checkpoint, header, saved, sharding };
  } catch (cause) {
    await reader.close();
    throw cause;
  }
}

/**
 * Opens a shard for `read` and makes sure that it is the one that the index names. What `read` throws
 * of a file's contents says of which file.
 *
 * @throws CheckpointError MISSING_SHARD, OTHER_SHARD; for damage
 */
export async function withShard<Result>(
  { sources, saved }: OpenIndex,
  shard: SavedShard,
  read: (checkpoint: OpenCheckpoint) => Promise<Result>,
): Promise<Result> {
  const reader = await openShard(sources, shard);
  const found = readShard(reader, saved, shard, read).catch((cause) => {
    throw named(cause, shard);
  });
  return await found.finally(() => reader.close());
}

async function readShard<Result>(
  reader: ByteReader,
  saved: OpenIndex["saved"],
  shard: SavedShard,
  read: (checkpoint: OpenCheckpoint) => Promise<Result>,
): Promise<Result> {
  const { checkpoint, header } = await openFile(reader);
  if (header !== shard.header) {
    const remedy = "It is of another save: find the files that were saved together";
    throw new CheckpointError(
      "OTHER_SHARD",
      mismatch("header", "the file", `SHA-256 ${shard.header}`, header, remedy),
    );
  }
  checkTensors(stateOfShard(saved, shard), checkpoint.tensors);
  return read(checkpoint);
}

/** What is wrong with a file, with its name; what a source says is left as it is. */
function named(cause: unknown, { file }: SavedShard): unknown {
  if (!(cause instanceof CheckpointError)) return cause;
  return new CheckpointError(cause.reason, `shard ${show(file)}: ${cause.message}`, { cause });
}

async function openFile(reader: ByteReader) {
  const header = await readHeader(reader);
  return {
    checkpoint: checkpointOf(reader, header),
    header: digestBytes(header.lengthBytes, header.text),
  };
}

async function openShard({ shard }: Sources, { file }: SavedShard): Promise<ByteReader> {
  try {
    return await openSource(await shard(file));
  } catch (cause) {
    const { message } = cause as Error;
    throw new CheckpointError(
      "MISSING_SHARD",
      `shard ${show(file)}: expected the file that the index names, got none: ${message}`,
      { cause },
    );
  }
}
