import * as assert from "uvu/assert";
import type { RankError } from "../../src/errors.ts";

/** Keeps this thread from its event loop. */
export function busy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What a call that must fail rejects with. */
export async function failure(call: Promise<unknown>): Promise<RankError> {
  return call.then(
    () => assert.unreachable("expected an error") as never,
    (error: RankError) => error,
  );
}

/** The call fails with the code, blames the rank, and says so. */
export async function fails(
  call: Promise<unknown>,
  code: string,
  rank: number | null,
  says: RegExp,
): Promise<void> {
  const error = await failure(call);
  assert.equal([error.name, error.code, error.rank], ["RankError", code, rank], error.message);
  assert.match(error.message, says);
}
