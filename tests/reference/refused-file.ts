import * as assert from "uvu/assert";
import { CheckpointError } from "../../src/state/checkpoint-error.ts";
import { openCheckpoint } from "../../src/state/checkpoint-file/read-checkpoint.ts";
import { memoryReader } from "./byte-ends.ts";

/** Reads all of a checkpoint that must be refused. Returns the error. */
export async function refusedFile(bytes: Uint8Array, known: boolean): Promise<CheckpointError> {
  try {
    const checkpoint = await openCheckpoint(memoryReader(bytes, known));
    await checkpoint.readTensors(() => null);
  } catch (error) {
    assert.instance(error, CheckpointError, String((error as Error).stack));
    return error as CheckpointError;
  }
  return assert.unreachable("loaded") as never;
}
