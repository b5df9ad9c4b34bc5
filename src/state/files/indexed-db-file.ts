import { wrongKind, wrongValue } from "../../errors.ts";
import { knownKeys, optionObject } from "../../validate.ts";
import { IndexedDBFile } from "./indexed-db.ts";

/** What `indexedDBFile` takes. */
export interface IndexedDBFileOptions {
  /** Default "ashlar". */
  readonly database?: string;
  /** Default "checkpoints". */
  readonly store?: string;
  /** Which record, like a file's name. */
  readonly key: string;
}

/** A place in the browser's database, to save to and to load from. Opens nothing yet. */
export function indexedDBFile(options: IndexedDBFileOptions): IndexedDBFile {
  const where = "indexedDBFile";
  knownKeys(optionObject(options, "options", where), ["database", "store", "key"], where);
  const { database = "ashlar", store = "checkpoints", key } = options;
  for (const [what, value] of Object.entries({ database, store, key })) {
    if (typeof value !== "string") throw wrongKind(what, where, "a string", value);
    if (value === "") throw wrongValue(what, where, "a name", value);
  }
  return new IndexedDBFile(database, store, key);
}
