import { AdamW, type FileHandle, indexedDBFile, type SaveOptions } from "../../src/index.ts";
import { openSource } from "../../src/state/sources/open-source.ts";
import { realistic } from "../reference/patterns.ts";
import { type Place, placesNamed } from "./places.ts";
import { assertSame, type Found, inWorker, type Result, rejection, resultOf } from "./result.ts";

const LARGE = 300_000;

async function made(length: number, seed: number): Promise<AdamW> {
  const optimizer = await AdamW.create({ w: { shape: [length] } });
  optimizer.gradient("w").set(realistic(length, seed));
  optimizer.step();
  return optimizer;
}

async function digestIn({ target }: Place): Promise<string> {
  const loaded = await AdamW.load(target);
  const digest = loaded.digest();
  loaded.dispose();
  return digest;
}

/** Throws unless the save fails in these words and what was there stays, byte for byte. */
async function assertStays(place: Place, save: () => Promise<void>, message: RegExp) {
  const before = await place.bytes();
  const error = await rejection("save", save());
  if (!message.test(error.message)) throw new Error(`another message: ${error.message}`);
  const after = await place.bytes();
  assertSame("bytes", after.length, before.length);
  assertSame(
    "first byte that differs",
    after.findIndex((byte, i) => byte !== before[i]),
    -1,
  );
  return { detail: error.message };
}

const CASES: Record<string, (place: Place) => Promise<Found>> = {
  "a smaller state, then a larger one": async (place) => {
    for (const length of [LARGE, 1_000, LARGE]) {
      const optimizer = await made(length, length);
      await optimizer.save(place.target);
      assertSame(`digest of ${length}`, await digestIn(place), optimizer.digest());
    }
    return {};
  },
  "two saves at once: one of them, whole": async (place) => {
    const [one, other] = [await made(LARGE, 5), await made(LARGE, 6)];
    const done = await Promise.allSettled([one.save(place.target), other.save(place.target)]);
    const digest = await digestIn(place);
    const won = [one, other].findIndex((optimizer) => optimizer.digest() === digest);
    assertSame("the winner's save", done[won]?.status, "fulfilled");
    const refused = done.find(({ status }) => status === "rejected") as PromiseRejectedResult;
    return { detail: refused ? `the other: ${refused.reason.message}` : "" };
  },
  "a save while the old one is read": async (place) => {
    await (await made(LARGE, 5)).save(place.target);
    const before = await place.bytes();
    const read = new Uint8Array(before.length);
    const reader = await openSource(place.target);
    await reader.read(read.subarray(0, 1_500_000));
    await (await made(LARGE, 6)).save(place.target);
    try {
      await reader.read(read.subarray(1_500_000));
    } catch (error) {
      // A record stays the one that was opened; a file may be gone, and says so.
      if (place.name === "IndexedDB") throw error;
      return { detail: (error as Error).message };
    } finally {
      await reader.close();
    }
    const isOld = read.every((byte, i) => byte === before[i]);
    if (!isOld && place.name !== "OPFS, in place") throw new Error("read bytes of both");
    return { detail: isOld ? "the old bytes" : "bytes of both, as a load would notice" };
  },
  "weights that change while they are saved": async (place) => {
    const optimizer = await made(LARGE, 7);
    const change: SaveOptions = {
      onProgress() {
        optimizer.parameter("w").master[LARGE - 1] += 1;
      },
    };
    const message = /^"CRC-32" of tensor "param.w": expected/;
    return assertStays(place, () => optimizer.save(place.target, change), message);
  },
  "a callback that throws half-way": async (place) => {
    const optimizer = await made(LARGE, 8);
    const stop: SaveOptions = {
      onProgress: ({ bytes, total }) => {
        if (bytes > total / 2) throw new Error(`stopped at ${bytes} of ${total}`);
      },
    };
    return assertStays(place, () => optimizer.save(place.target, stop), /^stopped at/);
  },
  "and a save after all of these": async (place) => {
    const optimizer = await made(1_000, 9);
    await optimizer.save(place.target);
    assertSame("digest", await digestIn(place), optimizer.digest());
    return {};
  },
};

/** Another worker has the file open. */
async function locked(place: Place): Promise<Found> {
  const handle = place.target as FileHandle;
  const optimizer = await made(LARGE, 10);
  const save = async () => {
    const open = await handle.createSyncAccessHandle?.();
    try {
      await optimizer.save(handle);
    } finally {
      open?.close();
    }
  };
  return assertStays(place, save, /^save to the file "replace\..* cannot start: NoModification/);
}

/** An older tab holds the database open and does not make way. */
async function blocked(): Promise<Found> {
  const database = "held";
  const held = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const optimizer = await made(1_000, 11);
  const file = indexedDBFile({ database, store: "other", key: "m" });
  const error = await rejection("save", optimizer.save(file));
  held.close();
  if (!/another tab or connection holds/.test(error.message)) throw error;
  await optimizer.save(file);
  const loaded = await AdamW.load(file);
  assertSame("digest once it is free", loaded.digest(), optimizer.digest());
  return { detail: error.message };
}

/** Names in the private folder: no save may leave anything beside its file. */
async function noLeftovers(): Promise<Found> {
  const folder = (await navigator.storage.getDirectory()) as FileSystemDirectoryHandle & {
    keys(): AsyncIterable<string>;
  };
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  const strangers = names.filter((name) => !name.endsWith(".safetensors"));
  if (strangers.length > 0) throw new Error(`left behind: ${strangers}`);
  return { detail: names.sort().join(", ") };
}

/** Saves replace what is there, or leave it as it is. */
export async function run(): Promise<Result[]> {
  const results: Result[] = [];
  for (const place of await placesNamed("replace")) {
    for (const [name, act] of Object.entries(CASES)) {
      results.push(await resultOf(`${place.name}: ${name}`, () => act(place)));
    }
    if (!inWorker || place.name === "IndexedDB") continue;
    results.push(await resultOf(`${place.name}: a file that is locked`, () => locked(place)));
  }
  results.push(await resultOf("IndexedDB: a connection in the way", blocked));
  results.push(await resultOf("OPFS: nothing is left behind", noLeftovers));
  return results;
}
