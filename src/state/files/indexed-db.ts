import { quoted, storageError } from "./file-error.ts";

// A checkpoint as one Blob in a database of the browser. Connections are short, and give way to other
// tabs that need a newer version of the database.

/** What was found. */
export interface OpenRecord {
  /** What the record holds; undefined where there is none. */
  readonly value: unknown;
  /** A Blob that is replaced while it is read may be gone, in Firefox, once this has been called. */
  close(): void;
}

/** One record of a database: what `indexedDBFile` makes, to save to and to load from. */
export class IndexedDBFile {
  /** Name of the database. */
  readonly database: string;
  /** Name of its object store. */
  readonly store: string;
  /** Key of the record. */
  readonly key: string;

  constructor(database: string, store: string, key: string) {
    this.database = database;
    this.store = store;
    this.key = key;
  }

  /** How messages name it. */
  get title(): string {
    return `${quoted(this.key)} of ${quoted(this.store)} in the database ${quoted(this.database)}`;
  }

  /**
   * Makes what is missing, the database and its store; or fails early.
   *
   * @internal
   */
  async prepare(): Promise<void> {
    (await this.#openToWrite()).close();
  }

  /**
   * Replaces the record in one transaction: all or nothing.
   *
   * @internal
   */
  async put(contents: Blob): Promise<void> {
    const database = await this.#openToWrite();
    try {
      await transact(database, this.store, "readwrite", (store) => store.put(contents, this.key));
    } finally {
      database.close();
    }
  }

  /**
   * The record, undefined where there is none. Makes no database where there is none.
   *
   * @internal
   */
  async get(): Promise<OpenRecord> {
    const database = await open(this.database, undefined, null);
    if (!database) return { value: undefined, close() {} };
    try {
      const has = database.objectStoreNames.contains(this.store);
      const value: unknown = has
        ? await transact(database, this.store, "readonly", (store) => store.get(this.key))
        : undefined;
      return { value, close: () => database.close() };
    } catch (error) {
      database.close();
      throw error;
    }
  }

  async #openToWrite(): Promise<IDBDatabase> {
    // An upgrade makes the store. Another tab may make another one at the same time: look again.
    let version: number | undefined;
    for (let tries = 0; tries < 5; tries++) {
      const database = await open(this.database, version, this.store);
      // A version that another tab has just gone beyond: ask for the newest.
      if (!database) version = undefined;
      else if (database.objectStoreNames.contains(this.store)) return database;
      else {
        version = database.version + 1;
        database.close();
      }
    }
    throw storageError(`store ${quoted(this.store)} cannot be made`, "other tabs keep changing it");
  }
}

function factory(): IDBFactory {
  const { indexedDB } = globalThis;
  if (indexedDB) return indexedDB;
  throw new TypeError("indexedDBFile: expected a browser with IndexedDB, got an engine without it");
}

/**
 * Opens a database, of the newest version where none is given, and makes the store if that makes or
 * changes the database. Null where the version is too low, or where no store is to be made and there
 * is no database.
 */
function open(
  name: string,
  version: number | undefined,
  store: string | null,
): Promise<IDBDatabase | null> {
  const request = factory().open(name, version);
  return new Promise((resolve, reject) => {
    let hasFailed = false;
    request.onupgradeneeded = () => {
      const database = request.result;
      if (store === null) request.transaction?.abort();
      else if (!database.objectStoreNames.contains(store)) database.createObjectStore(store);
    };
    request.onsuccess = () => {
      const database = request.result;
      // It may open after all once it has been unblocked; nobody waits for it any more.
      if (hasFailed) return database.close();
      database.onversionchange = () => database.close();
      resolve(database);
    };
    request.onerror = (event) => {
      event.preventDefault();
      const expected = store === null ? "AbortError" : "VersionError";
      if (request.error?.name === expected) resolve(null);
      else reject(request.error);
    };
    request.onblocked = () => {
      hasFailed = true;
      reject(new Error("another tab or connection holds the database open in an older version"));
    };
  });
}

/** One request in a transaction of its own. Resolves when the transaction has come to its end. */
function transact<T>(
  database: IDBDatabase,
  store: string,
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    // Strict: it has ended when the record is on the disk.
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const request = act(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? request.error);
  });
}
