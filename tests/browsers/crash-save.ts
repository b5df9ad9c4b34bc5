import { makeCrashRun } from "./crash-state.ts";
import { post } from "./files.ts";
import { placesNamed } from "./places.ts";
import { type Result, resultOf } from "./result.ts";

/**
 * Saves to each place and returns; after that it saves on and on, a step between saves, until the
 * browser is killed. Tells Node of each save that has come to its end.
 */
export async function run(): Promise<Result[]> {
  const places = await placesNamed("crash");
  const optimizers = await Promise.all(places.map(makeCrashRun));
  const results: Result[] = [];
  for (const [i, { name, target }] of places.entries()) {
    const save = async () => {
      optimizers[i].step();
      await optimizers[i].save(target);
      await post(`saves-${i}`, new Blob([String(optimizers[i].steps)]));
      return {};
    };
    results.push(await resultOf(`${name}: the first save`, save));
    const goOn = async () => {
      for (;;) await save();
    };
    // What fails now is a place that is broken afterwards.
    goOn().catch(() => undefined);
  }
  return results;
}
