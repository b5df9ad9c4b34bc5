import { wrongKind } from "../../errors.ts";
import type { ByteReader } from "../bytes.ts";
import { storageError } from "../files/file-error.ts";
import type { IndexedDBFile } from "../files/indexed-db.ts";
import { blobReader } from "./blob-reader.ts";

/** Reads a record. It stays the one that was opened, also where a save replaces it meanwhile. */
export async function indexedDBReader(file: IndexedDBFile): Promise<ByteReader> {
  const load = `load from ${file.title} failed`;
  const record = await file.get().catch((error) => {
    throw error instanceof TypeError ? error : storageError(load, error);
  });
  const { value } = record;
  if (!isBlob(value)) {
    record.close();
    if (value === undefined) throw new Error(`${load}: there is none`);
    throw wrongKind("record", file.title, "a Blob", value);
  }
  const reader = blobReader(value, file.title, "Another save may have replaced it");
  return { ...reader, close: async () => record.close() };
}

function isBlob(value: unknown): value is Blob {
  return /^\[object (Blob|File)\]$/.test(Object.prototype.toString.call(value));
}
