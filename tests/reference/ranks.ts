import type { Collective } from "../../src/collectives/collective.ts";
import { joinLocal, localRanks } from "../../src/collectives/index.ts";

/** Does something with a group of ranks in this thread, and has them leave. */
export async function withRanks<Result>(
  size: number,
  act: (ranks: readonly Collective[]) => Promise<Result>,
): Promise<Result> {
  const ranks = await Promise.all(localRanks(size, { timeout: 20_000 }).map(joinLocal));
  try {
    return await act(ranks);
  } finally {
    await Promise.all(ranks.map((rank) => rank.close()));
  }
}

/** On all ranks at once. */
export const onAll = <Of, Result>(
  all: readonly Of[],
  act: (one: Of, rank: number) => Result | Promise<Result>,
): Promise<Awaited<Result>[]> => Promise.all(all.map(act)) as Promise<Awaited<Result>[]>;

/** A rank that lives and does not come is waited for without end: a test is not. */
const PATIENCE = 20_000;

/** What each rank's call is rejected with: every one must be. */
export async function rejections(calls: readonly Promise<unknown>[]): Promise<Error[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, `nothing for ${PATIENCE} ms`);
  });
  const outcomes = await Promise.all(
    calls.map((call) =>
      Promise.race([call, late]).then(
        (value) => ({ got: value }),
        (error: Error) => ({ error }),
      ),
    ),
  );
  clearTimeout(timer);
  return outcomes.map((outcome, rank) => {
    if ("error" in outcome) return outcome.error;
    throw new Error(`rank ${rank}: expected a rejection, got ${String(outcome.got)}`);
  });
}
