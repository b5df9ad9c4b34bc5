import type { ByteSink } from "../bytes.ts";
import { storageError } from "../files/file-error.ts";
import type { IndexedDBFile } from "../files/indexed-db.ts";
import { BlobSink } from "./memory.ts";

/** Collects a Blob, whose bytes the browser may keep on its disk, and puts it there at once. */
export async function indexedDBSink(file: IndexedDBFile): Promise<ByteSink> {
  const save = `save to ${file.title}`;
  const contents = new BlobSink();
  await file.prepare().catch((error) => {
    throw error instanceof TypeError ? error : storageError(`${save} cannot start`, error);
  });
  return {
    write: (bytes) => contents.write(bytes),
    async close() {
      await contents.close();
      await file.put(contents.blob).catch((error) => {
        throw storageError(`${save} failed`, error, "What was there before is as it was");
      });
    },
    abort: (cause) => contents.abort(cause),
  };
}
