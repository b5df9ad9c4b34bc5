import { AdamW, CheckpointError } from "../../src/index.ts";
import { makeCrashRun } from "./crash-state.ts";
import { fileURL } from "./files.ts";
import { type Place, placesNamed } from "./places.ts";
import { assertSame, type Found, type Result, resultOf } from "./result.ts";

/** @param done saves that had come to their end before the kill */
async function load({ name, target }: Place, done: number): Promise<Found> {
  let loaded: AdamW;
  try {
    loaded = await AdamW.load(target);
  } catch (error) {
    // Where a browser can only write over a file, a torn one is possible; it must be noticed.
    if (name === "OPFS, in place" && error instanceof CheckpointError) {
      return { detail: `torn and refused: ${error.message}` };
    }
    throw error;
  }
  const expected = await makeCrashRun();
  while (expected.steps < loaded.steps) expected.step();
  assertSame("digest", loaded.digest(), expected.digest());
  if (!(loaded.steps >= done)) throw new Error(`save ${done} was done, got ${loaded.steps}`);
  return { detail: `save ${loaded.steps}; ${done} were done` };
}

/** After crash-save was killed: each place has what was saved last, or is just being saved, whole. */
export async function run(): Promise<Result[]> {
  const results: Result[] = [];
  for (const [i, place] of (await placesNamed("crash")).entries()) {
    const done = Number(await (await fetch(fileURL(`saves-${i}`))).text());
    results.push(await resultOf(`${place.name}: after a kill`, () => load(place, done)));
  }
  return results;
}
