import { AshlarError, mismatch } from "../errors.ts";

/** What can be wrong with the bytes of a file: one word a refusal. */
export const FILE_REASONS = [
  // The frame of a safetensors file.
  "TRUNCATED",
  "TRAILING_BYTES",
  "HEADER_TOO_LONG",
  "HEADER_TOO_SHORT",
  "NOT_SAFETENSORS",
  // The text of its header.
  "BAD_UTF8",
  "BAD_JSON",
  "BAD_NUMBER",
  "BAD_TEXT",
  "TOO_DEEP",
  "DUPLICATE_KEY",
  "BAD_PADDING",
  // What the header says of metadata and tensors.
  "BAD_METADATA",
  "BAD_ENTRY",
  "UNKNOWN_DTYPE",
  "BAD_SHAPE",
  "BAD_OFFSETS",
  "SIZE_OVERFLOW",
  "MISALIGNED",
  "WRONG_SIZE",
  "OVERLAP",
  "HOLE",
  // What makes it a checkpoint of ours.
  "NOT_A_CHECKPOINT",
  "UNKNOWN_VERSION",
  "NEWER_VERSION",
  "MISSING_METADATA",
  "WRONG_HEADER_CRC",
  "BAD_CRC",
  "MISSING_CRC",
  "EXTRA_CRC",
  "WRONG_CRC",
  // Saving.
  "CHANGED_WHILE_SAVED",
] as const;

/** What can be wrong with the state in a sound file, or with the optimizer it shall go into. */
export const STATE_REASONS = [
  "BAD_STATE",
  "OTHER_CLASS",
  "OTHER_ANSWER",
  "MISSING_PARAMETER",
  "UNUSED_PARAMETER",
  "MISSING_TENSOR",
  "WRONG_SHAPE",
  "WRONG_DTYPE",
  // Of a run over several ranks: docs/sharded-checkpoints.md.
  "SHARDED",
  "NOT_SHARDED",
  "WAITING_SUMS",
  "MISSING_SHARD",
  "OTHER_SHARD",
] as const;

/** Why, in one word: docs/checkpoint.md, "Refusals", says what each one means. */
export type CheckpointReason = (typeof FILE_REASONS)[number] | (typeof STATE_REASONS)[number];

/** A file that is refused, or state that could not be saved: `reason` says why, in one word. */
export class CheckpointError extends AshlarError {
  /** Why, for programs. */
  readonly reason: CheckpointReason;

  constructor(reason: CheckpointReason, message: string, options?: ErrorOptions) {
    super("BAD_CHECKPOINT", message, options);
    this.name = "CheckpointError";
    this.reason = reason;
  }
}

/** A CheckpointError that says `"what" of where: expected X, got Y`, then the remedy. */
export function refusal(
  reason: CheckpointReason,
  what: string,
  where: string,
  expected: string,
  got: string,
  remedy?: string,
): CheckpointError {
  return new CheckpointError(reason, mismatch(what, where, expected, got, remedy));
}

/** The error where it says what is wrong with a file; any other goes on its way. */
export function problemOf(error: unknown): CheckpointError {
  if (error instanceof CheckpointError) return error;
  throw error;
}
