import { AdamW, type LoadSource } from "../../src/index.ts";
import { givenAgain, makeRun, runTicks } from "../reference/checkpoint-run.ts";
import { fileURL, post } from "./files.ts";
import { placesNamed } from "./places.ts";
import { assertSame, type Result, resultOf } from "./result.ts";

/** Half-way through a step's micro-batches. */
const STOP = 301;
const END = 360;

/** What a way of saving leaves to load. `saving` is awaited after the load where both run at once. */
interface Saved {
  readonly source: LoadSource;
  readonly saving?: Promise<void>;
}

const WAYS: Record<string, (optimizer: AdamW) => Promise<Saved>> = {
  "toBytes, Uint8Array": async (optimizer) => ({ source: await optimizer.toBytes() }),
  "toBytes, ArrayBuffer": async (optimizer) => ({ source: (await optimizer.toBytes()).buffer }),
  "toBlob, Blob": async (optimizer) => ({ source: await optimizer.toBlob() }),
  "toBlob, File": async (optimizer) => {
    return { source: new File([await optimizer.toBlob()], "m.safetensors") };
  },
  "toBlob, Response": async (optimizer) => ({ source: new Response(await optimizer.toBlob()) }),
  "WritableStream, ReadableStream": async (optimizer) => {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    await optimizer.save(
      new WritableStream({ write: (part: Uint8Array<ArrayBuffer>) => void parts.push(part) }),
    );
    return { source: new Blob(parts).stream() };
  },
  "a TransformStream between them": async (optimizer) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    return { source: readable, saving: optimizer.save(writable) };
  },
  "through gzip and back": async (optimizer) => {
    const { readable, writable } = new CompressionStream("gzip");
    const saving = optimizer.save(writable as WritableStream<Uint8Array>);
    return { source: readable.pipeThrough(new DecompressionStream("gzip")), saving };
  },
  "posted, URL": async (optimizer) => ({ source: await post("storage", await optimizer.toBlob()) }),
  "posted, Response of fetch": async (optimizer) => {
    await post("storage", await optimizer.toBlob());
    return { source: await fetch(fileURL("storage")) };
  },
};

/** Each way of saving and loading goes on with the same bits. */
export async function run(): Promise<Result[]> {
  const optimizer = await makeRun();
  runTicks(optimizer, 0, STOP);
  const digest = optimizer.digest();
  for (const { name, target } of await placesNamed("storage")) {
    WAYS[name] = async () => {
      await optimizer.save(target);
      return { source: target };
    };
  }
  const again = await makeRun();
  runTicks(again, 0, END);
  const end = again.digest();

  const results: Result[] = [];
  for (const [name, save] of Object.entries(WAYS)) {
    const act = async () => {
      const { source, saving } = await save(optimizer);
      const loaded = await AdamW.load(source, givenAgain());
      await saving;
      assertSame("digest when loaded", loaded.digest(), digest);
      runTicks(loaded, STOP, END);
      assertSame("digest later", loaded.digest(), end);
      loaded.dispose();
      return {};
    };
    results.push(await resultOf(name, act));
  }
  assertSame("digest after all saves", optimizer.digest(), digest);
  return results;
}
