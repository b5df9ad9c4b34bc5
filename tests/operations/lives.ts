import * as fc from "fast-check";
import { inScratchFolder } from "../reference/scratch.ts";
import { life } from "./cases.ts";
import { live } from "./life.ts";
import type { Tally } from "./tally.ts";

/**
 * Runs so many random lives of an optimizer beside its plain reference.
 *
 * @param path the case of a seed that a failure named: that one is run alone
 * @throws Error with the seed, the path and the smallest life that fails
 */
export async function runLives(count: number, seed: number, path?: string): Promise<Tally> {
  const tally: Tally = new Map();
  await inScratchFolder((folder) =>
    fc.assert(
      fc.asyncProperty(life, (one) => live(one, folder, tally)),
      path === undefined
        ? { seed, numRuns: count }
        : { seed, path, numRuns: 1, endOnFailure: true },
    ),
  );
  return tally;
}

/** What was done, most first: `320 step, 200 refused: BUSY`. */
export function showTally(tally: Tally): string {
  const sorted = [...tally].sort((a, b) => b[1] - a[1]);
  return sorted.map(([what, count]) => `${count.toLocaleString("en")} ${what}`).join(", ");
}
