import type { CheckpointReason } from "../../src/state/checkpoint-error.ts";

/** A file that must be refused. */
export interface Idea {
  /** Of the file, without its extension. */
  readonly name: string;
  readonly attempts: string;
  readonly reason: CheckpointReason;
  readonly bytes: Uint8Array;
}
