import { AdamW } from "../../src/index.ts";
import { realistic } from "../reference/patterns.ts";
import { type Place, placesNamed } from "./places.ts";
import { assertSame, type Found, type Result, resultOf } from "./result.ts";

/** Parameter and two moments: 104 MB. */
const ELEMENTS = 8_700_000;

async function timed(act: () => Promise<unknown>): Promise<string> {
  const start = performance.now();
  await act();
  return `${((performance.now() - start) / 1000).toFixed(2)} s`;
}

async function trip(optimizer: AdamW, { target, bytes }: Place): Promise<Found> {
  const digest = optimizer.digest();
  let most = 0;
  let calls = 0;
  const onProgress = (progress: { bytes: number }) => {
    most = progress.bytes;
    calls++;
  };
  const first = await timed(() => optimizer.save(target, { onProgress }));
  const again = await timed(() => optimizer.save(target));
  let loaded: AdamW | undefined;
  const load = await timed(async () => {
    loaded = await AdamW.load(target);
  });
  assertSame("digest", loaded?.digest(), digest);
  loaded?.dispose();
  const { length } = await bytes();
  assertSame("bytes told", most, length);
  return {
    detail: `${length} bytes; save ${first} (${calls} calls), again ${again}, load ${load}`,
  };
}

/** A state of 100 MB and more goes into the browser's storage and back. */
export async function run(): Promise<Result[]> {
  const optimizer = await AdamW.create({ w: { shape: [ELEMENTS] } });
  optimizer.gradient("w").set(realistic(ELEMENTS, 1));
  optimizer.step();
  const results: Result[] = [];
  for (const place of await placesNamed("large")) {
    results.push(await resultOf(place.name, () => trip(optimizer, place)));
  }
  return results;
}
