import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, indexedDBFile } from "../src/index.ts";
import { assertOwnCases, type Wrong } from "./reference/bad-input.ts";
import { type FakeWorld, fakeIndexedDB, withIndexedDB } from "./reference/fake-indexed-db.ts";
import { errorOf } from "./reference/misuse.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";

// What a browser's database can do to a save or a load; tests/browsers/storage.ts runs real ones.

const test = suite("saving to IndexedDB");

const made = () => {
  const optimizer = new AdamW({ w: Float32Array.of(1, 2, 3) });
  optimizer.step({ w: Float32Array.of(1, 1, 1) });
  return optimizer;
};
const file = indexedDBFile({ key: "run" });
const TITLE = '"run" of "checkpoints" in the database "ashlar"';

/** A test in a world of its own, after which no connection is left open. */
function inBrowser(title: string, act: (world: FakeWorld) => Promise<void>): void {
  test(title, async () => {
    const { factory, world } = fakeIndexedDB();
    await withIndexedDB(factory, () => act(world));
    assert.is(world.connections.size, 0, "no connection is left open");
  });
}

const OPTIONS: RefusedRow[] = [
  [
    "no options",
    () => indexedDBFile("run" as Wrong),
    TypeError,
    '"options" of indexedDBFile: expected an object of options, got "run"',
  ],
  [
    "an unknown key",
    () => indexedDBFile({ key: "run", name: "x" } as Wrong),
    TypeError,
    '"name" of indexedDBFile: expected one of database, store, key, got an unknown key',
  ],
  [
    "no key",
    () => indexedDBFile({} as Wrong),
    TypeError,
    '"key" of indexedDBFile: expected a string, got undefined',
  ],
  [
    "an empty store",
    () => indexedDBFile({ key: "run", store: "" }),
    RangeError,
    '"store" of indexedDBFile: expected a name, got ""',
  ],
];

test("each row is its own case", () => assertOwnCases(OPTIONS));

for (const [why, act, kind, message] of OPTIONS) {
  test(`refused: ${why}`, () => assertRefused(act, kind, message));
}

test("an engine without a database says so, in save and load", async () => {
  const message = "indexedDBFile: expected a browser with IndexedDB, got an engine without it";
  await withIndexedDB(null, async () => {
    const optimizer = made();
    for (const act of [() => optimizer.save(file), () => AdamW.load(file)]) {
      const error = await errorOf(act);
      assert.instance(error, TypeError);
      assert.is(error.message, message);
    }
  });
});

inBrowser("saved, loaded, saved again: the record is the newest", async () => {
  const optimizer = made();
  await optimizer.save(file);
  assert.is((await AdamW.load(file)).digest(), optimizer.digest());
  optimizer.step({ w: Float32Array.of(1, 1, 1) });
  await optimizer.save(file);
  assert.is((await AdamW.load(file)).digest(), optimizer.digest());
});

inBrowser("nothing there: no database, no store, no record; and none is made", async (world) => {
  const none = `load from ${TITLE} failed: there is none`;
  assert.is((await errorOf(() => AdamW.load(file))).message, none);
  assert.is(world.databases.size, 0);
  await made().save(indexedDBFile({ key: "run", store: "others" }));
  assert.is((await errorOf(() => AdamW.load(file))).message, none);
  assert.equal([...(world.databases.get("ashlar")?.stores.keys() ?? [])], ["others"]);
  await made().save(indexedDBFile({ key: "another" }));
  assert.is((await errorOf(() => AdamW.load(file))).message, none);
});

inBrowser("a database without the store gets it, in a newer version", async (world) => {
  await made().save(indexedDBFile({ key: "run", store: "others" }));
  const optimizer = made();
  await optimizer.save(file);
  assert.is(world.databases.get("ashlar")?.version, 2);
  assert.is((await AdamW.load(file)).digest(), optimizer.digest());
});

inBrowser("a record of something else is named", async (world) => {
  await made().save(file);
  world.databases.get("ashlar")?.stores.get("checkpoints")?.set("run", [1, 2]);
  const error = await errorOf(() => AdamW.load(file));
  assert.instance(error, TypeError);
  assert.is(error.message, `"record" of ${TITLE}: expected a Blob, got [1, 2]`);
});

inBrowser("no room: what was there before stays", async (world) => {
  const optimizer = made();
  await optimizer.save(file);
  const before = optimizer.digest();
  optimizer.step({ w: Float32Array.of(1, 1, 1) });
  world.quota = 10;
  const error = await errorOf(() => optimizer.save(file));
  assert.is(
    error.message,
    `save to ${TITLE} failed: QuotaExceededError: There is no room. What was there before is as it was`,
  );
  assert.is((error.cause as Error).name, "QuotaExceededError");
  world.quota = 1e9;
  assert.is((await AdamW.load(file)).digest(), before);
  assert.is(optimizer.step({ w: Float32Array.of(1, 1, 1) }).step, 3);
});

inBrowser("a database that cannot be opened, to save or to load", async (world) => {
  world.broken = new DOMException("The disk is gone.", "UnknownError");
  const why = "UnknownError: The disk is gone";
  const optimizer = made();
  assert.is(
    (await errorOf(() => optimizer.save(file))).message,
    `save to ${TITLE} cannot start: ${why}`,
  );
  assert.is((await errorOf(() => AdamW.load(file))).message, `load from ${TITLE} failed: ${why}`);
  assert.is(optimizer.step({ w: Float32Array.of(1, 1, 1) }).step, 2);
});

inBrowser("a record that cannot be read", async (world) => {
  await made().save(file);
  world.unreadable = new DOMException("The disk is gone.", "UnknownError");
  const why = "UnknownError: The disk is gone";
  assert.is((await errorOf(() => AdamW.load(file))).message, `load from ${TITLE} failed: ${why}`);
});

inBrowser(
  "another tab makes another store at the same time: it is looked at again",
  async (world) => {
    await made().save(indexedDBFile({ key: "run", store: "others" }));
    let times = 0;
    // After it was seen that the store is not there, and before it is made.
    world.meanwhile = (name, version) => {
      const database = world.databases.get(name);
      if (version === undefined || !database || times++ > 1) return;
      // Beyond the version that is asked for, and then to that one.
      database.version += times === 1 ? 2 : 1;
    };
    const optimizer = made();
    await optimizer.save(file);
    assert.is(world.databases.get("ashlar")?.version, 5);
    assert.is((await AdamW.load(file)).digest(), optimizer.digest());
  },
);

inBrowser("another tab that never stops changing the database", async (world) => {
  await made().save(indexedDBFile({ key: "run", store: "others" }));
  world.meanwhile = (name, version) => {
    const database = world.databases.get(name);
    if (version !== undefined && database) database.version += 1;
  };
  assert.is(
    (await errorOf(() => made().save(file))).message,
    `save to ${TITLE} cannot start: store "checkpoints" cannot be made: other tabs keep changing it`,
  );
});

test("another tab holds on to an older version: an error, and no connection once it lets go", async () => {
  const { factory, world } = fakeIndexedDB();
  await withIndexedDB(factory, async () => {
    await made().save(indexedDBFile({ key: "run", store: "others" }));
    // A tab that does not listen.
    const { result } = await opened(factory);
    assert.is(
      (await errorOf(() => made().save(file))).message,
      `save to ${TITLE} cannot start: another tab or connection holds the database open in an older ` +
        "version",
    );
    assert.is(world.connections.size, 1);
    result.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.is(world.connections.size, 0, "what opens late is closed at once");
    await made().save(file);
  });
});

inBrowser("a load gives way to another tab that needs a newer version", async (world) => {
  await made().save(file);
  let ours = 0;
  world.meanwhile = () => {
    ours = world.connections.size;
  };
  const slow = AdamW.load(file, {
    onProgress: () => {
      for (const connection of [...world.connections]) connection.onversionchange?.();
    },
  });
  await slow;
  assert.is(ours, 0);
});

inBrowser("a save that is refused on the way keeps nothing", async (world) => {
  const optimizer = made();
  const own = new Error("of the caller's own");
  const error = await errorOf(() =>
    optimizer.save(file, {
      onProgress: () => {
        throw own;
      },
    }),
  );
  assert.is(error, own);
  assert.is(world.databases.get("ashlar")?.stores.get("checkpoints")?.size, 0);
});

function opened(factory: object): Promise<{ result: { close(): void } }> {
  return new Promise((resolve) => {
    const request = (factory as { open(name: string): Wrong }).open("ashlar");
    request.onsuccess = () => resolve(request);
  });
}

test.run();
