import * as fc from "fast-check";
import { xorshift32 } from "./random.ts";

// Properties over random cases. The seed is fixed, so that a test means the same on every machine:
// ASHLAR_SEED (a whole number) tries other cases, ASHLAR_RUNS (a number of cases for each property)
// more or fewer of them. What fails is shrunk, and printed with its seed.

function setting(name: string, fallback: number): number {
  const text = process.env[name];
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${name}: expected a whole number, got ${JSON.stringify(text)}`);
}

const SEED = setting("ASHLAR_SEED", 0x5eed);

/**
 * Asserts that a property holds for random cases.
 *
 * @param runs how many cases; ASHLAR_RUNS replaces it
 * @throws Error with the seed and the smallest failing case
 */
export function holds<Case>(property: fc.IRawProperty<Case>, runs: number): void {
  fc.assert(property, { seed: SEED, numRuns: setting("ASHLAR_RUNS", runs) });
}

/** As holds, for properties that wait for something. */
export function holdsAsync<Case>(property: fc.IAsyncProperty<Case>, runs: number): Promise<void> {
  return fc.assert(property, { seed: SEED, numRuns: setting("ASHLAR_RUNS", runs) });
}

/** The items in an order drawn from a seed, which is not 0. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const next = xorshift32(seed);
  const keyed = items.map((item) => ({ item, key: next() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
