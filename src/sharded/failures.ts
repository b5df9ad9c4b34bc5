import { AshlarError, RankError } from "../errors.ts";

/** Whether all ranks come to the same error: of what they found together. */
export function isOfAll(cause: unknown): boolean {
  if (cause instanceof AshlarError)
    return cause instanceof RankError || cause.code === "NON_FINITE";
  return cause instanceof RangeError;
}

/** A failure between ranks, with what it means for the step. */
export function lost(cause: unknown, step: string, means: string): unknown {
  if (!(cause instanceof RankError && cause.code === "RANK_LOST")) return cause;
  const message = `${step}: ${cause.message}. ${means}`;
  return new RankError(cause.code, cause.rank, message, { cause });
}
