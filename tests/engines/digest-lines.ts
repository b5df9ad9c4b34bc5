import { NUMBERS_CASES, numbersDigest } from "../reference/numbers-points.ts";
import { optimizerDigests } from "./optimizer-run.ts";
import { shardedDigests } from "./sharded-threads.ts";

const POINTS = 1_000_000;

/** What every engine must print: a line `name digest` each, the digest being the last word. */
export async function digestLines(): Promise<string[]> {
  const numbers = NUMBERS_CASES.map((one) => [one.name, numbersDigest(one, POINTS)]);
  const runs = [...(await optimizerDigests()), ...(await shardedDigests())];
  return [...numbers, ...runs].map(([name, digest]) => `${name} ${digest}`);
}
