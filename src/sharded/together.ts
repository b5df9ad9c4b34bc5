import type { Collective } from "../collectives/collective.ts";
import { RankError } from "../errors.ts";
import { gatherRecords } from "./gather-records.ts";

/**
 * Does this rank's part of something, and learns whether all others could do theirs: no rank goes on
 * where one has failed, and none waits for it.
 *
 * @param what names it in messages: "save"
 * @param undo what becomes of the result where another rank failed
 * @throws what `act` throws, on this rank; RankError RANKS_DIFFER where another one failed, RANK_LOST
 */
export async function together<Result>(
  collective: Collective,
  what: string,
  act: () => Promise<Result>,
  undo: (result: Result) => void | Promise<void> = () => {},
): Promise<Result> {
  const outcome = await act().then(
    (result) => ({ result }),
    (failure: unknown) => ({ failure }),
  );
  const failed = "failure" in outcome;
  try {
    await exchange(collective, what, failed);
  } catch (cause) {
    if (failed) throw outcome.failure;
    await undo(outcome.result);
    throw cause;
  }
  if (failed) throw outcome.failure;
  return outcome.result;
}

async function exchange(collective: Collective, what: string, failed: boolean): Promise<void> {
  const flags = await gatherRecords(collective, Uint8Array.of(Number(failed)));
  const other = flags.findIndex(([flag], from) => flag === 1 && from !== collective.rank);
  if (other < 0) return;
  throw new RankError(
    "RANKS_DIFFER",
    other,
    `${what}: expected every rank to do its part, got an error on rank ${other}: it says there which`,
  );
}
