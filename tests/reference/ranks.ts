import type { Collective } from "../../src/collectives/collective.ts";
import { joinLocal, localRanks } from "../../src/collectives/index.ts";

/** Does something with a group of ranks in this thread, and has them leave. */
export async function withRanks<Result>(
  size: number,
  act: (ranks: readonly Collective[]) => Promise<Result>,
): Promise<Result> {
  const ranks = await Promise.all(localRanks(size, { timeout: 60_000 }).map(joinLocal));
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

/** What each rank's call is rejected with, as text: every one must be. */
export async function rejections(calls: readonly Promise<unknown>[]): Promise<Error[]> {
  const settled = await Promise.allSettled(calls);
  return settled.map((one, rank) => {
    if (one.status === "rejected") return one.reason as Error;
    throw new Error(`rank ${rank}: expected a rejection, got ${String(one.value)}`);
  });
}
