// A browser's database as its standard says, as far as a checkpoint needs it
// (https://www.w3.org/TR/IndexedDB): versions, upgrades, connections of other tabs, transactions that
// come to an end or are aborted. tests/browsers/storage.ts runs the same against real ones.

interface FakeDatabase {
  version: number;
  readonly stores: Map<string, Map<string, unknown>>;
}

/** What other tabs, or the disk, do to a database. */
export interface FakeWorld {
  readonly databases: Map<string, FakeDatabase>;
  readonly connections: Set<FakeConnection>;
  /** Most bytes of a Blob that can be put. */
  quota: number;
  /** Called before each request to open is answered: what another tab does right then. */
  meanwhile: ((name: string, version: number | undefined) => void) | null;
  /** Requests to open fail with this. */
  broken: DOMException | null;
  /** Requests to read fail with this. */
  unreadable: DOMException | null;
}

type Handler = ((event: { preventDefault(): void }) => void) | null;

class FakeRequest {
  result: unknown;
  error: DOMException | null = null;
  transaction: { abort(): void } | null = null;
  onsuccess: Handler = null;
  onerror: Handler = null;
  onupgradeneeded: Handler = null;
  onblocked: Handler = null;
}

const EVENT = { preventDefault() {} };

class FakeConnection {
  readonly name: string;
  readonly version: number;
  readonly #database: FakeDatabase;
  readonly #world: FakeWorld;
  onversionchange: (() => void) | null = null;

  constructor(world: FakeWorld, name: string, database: FakeDatabase) {
    this.name = name;
    this.version = database.version;
    this.#world = world;
    this.#database = database;
    world.connections.add(this);
  }

  get objectStoreNames() {
    return { contains: (store: string) => this.#database.stores.has(store) };
  }

  createObjectStore(store: string): void {
    this.#database.stores.set(store, new Map());
  }

  transaction(name: string, mode: string, { durability }: { durability: string }) {
    if (durability !== "strict") throw new Error("a record must be on the disk");
    const store = this.#database.stores.get(name) as Map<string, unknown>;
    const transaction = {
      error: null as DOMException | null,
      oncomplete: null as (() => void) | null,
      onabort: null as (() => void) | null,
      objectStore: () => ({ put, get }),
    };
    const end = (request: FakeRequest, act: () => unknown) => {
      setTimeout(() => {
        try {
          request.result = act();
          transaction.oncomplete?.();
        } catch (error) {
          request.error = error as DOMException;
          transaction.onabort?.();
        }
      });
      return request;
    };
    const put = (value: Blob, key: string) => {
      if (mode !== "readwrite") throw new DOMException("It is readonly.", "ReadOnlyError");
      return end(new FakeRequest(), () => {
        if (value.size > this.#world.quota) {
          transaction.error = new DOMException("There is no room.", "QuotaExceededError");
          throw transaction.error;
        }
        store.set(key, value);
      });
    };
    const get = (key: string) =>
      end(new FakeRequest(), () => {
        if (this.#world.unreadable) throw this.#world.unreadable;
        return store.get(key);
      });
    return transaction;
  }

  close(): void {
    this.#world.connections.delete(this);
  }
}

/** A browser's `indexedDB`, and what the world does to it. */
export function fakeIndexedDB(): { factory: object; world: FakeWorld } {
  const world: FakeWorld = {
    databases: new Map(),
    connections: new Set(),
    quota: 1e9,
    meanwhile: null,
    broken: null,
    unreadable: null,
  };
  const open = (name: string, version?: number) => {
    const request = new FakeRequest();
    setTimeout(() => answer(world, request, name, version));
    return request;
  };
  return { factory: { open }, world };
}

function answer(world: FakeWorld, request: FakeRequest, name: string, version?: number): void {
  world.meanwhile?.(name, version);
  const known = world.databases.get(name);
  const database = known ?? { version: 0, stores: new Map() };
  const wanted = version ?? known?.version ?? 1;
  if (world.broken) fail(request, world.broken);
  else if (wanted < database.version) {
    fail(request, new DOMException("A newer version is there.", "VersionError"));
  } else if (wanted === database.version) {
    request.result = new FakeConnection(world, name, database);
    request.onsuccess?.(EVENT);
  } else {
    const others = [...world.connections].filter((each) => each.name === name);
    for (const other of others) other.onversionchange?.();
    const holdsOn = others.filter((each) => world.connections.has(each));
    if (holdsOn.length > 0) request.onblocked?.(EVENT);
    waitFor(world, holdsOn, () => upgrade(world, request, name, database, wanted));
  }
}

function fail(request: FakeRequest, error: DOMException): void {
  request.error = error;
  request.onerror?.(EVENT);
}

function waitFor(world: FakeWorld, others: readonly FakeConnection[], then: () => void): void {
  const look = () => {
    if (others.some((each) => world.connections.has(each))) setTimeout(look);
    else then();
  };
  look();
}

function upgrade(
  world: FakeWorld,
  request: FakeRequest,
  name: string,
  database: FakeDatabase,
  version: number,
): void {
  const before = database.version;
  let aborted = false;
  database.version = version;
  const connection = new FakeConnection(world, name, database);
  request.result = connection;
  request.transaction = {
    abort() {
      aborted = true;
    },
  };
  request.onupgradeneeded?.(EVENT);
  if (aborted) {
    database.version = before;
    connection.close();
    fail(request, new DOMException("The transaction was aborted.", "AbortError"));
    return;
  }
  world.databases.set(name, database);
  request.onsuccess?.(EVENT);
}

/** Runs `act` in a world with a database of the browser, or without one for null. */
export async function withIndexedDB<Result>(
  factory: object | null,
  act: () => Promise<Result>,
): Promise<Result> {
  const before = Object.getOwnPropertyDescriptor(globalThis, "indexedDB");
  Object.defineProperty(globalThis, "indexedDB", {
    value: factory ?? undefined,
    configurable: true,
    writable: true,
  });
  try {
    return await act();
  } finally {
    if (before) Object.defineProperty(globalThis, "indexedDB", before);
    else delete (globalThis as { indexedDB?: unknown }).indexedDB;
  }
}
