import type { ByteSink } from "../bytes.ts";
import { quoted, storageError } from "../files/file-error.ts";
import type { FileHandle, SyncFile } from "../files/file-handle.ts";
import { copyOf } from "./copy-of.ts";
import { BlobSink } from "./memory.ts";

export type { FileHandle } from "../files/file-handle.ts";

const COPY_BYTES = 1 << 20;

/**
 * Writes to a file of the browser. With `createWritable` the browser writes to a file of its own and
 * replaces the old one at `close`. Without it, in workers of older Safaris, see `replaceContents`.
 */
export async function fileHandleSink(handle: FileHandle): Promise<ByteSink> {
  const save = `save to the file ${quoted(handle.name)}`;
  if (!handle.createWritable) return inPlaceSink(handle, save);
  const file = await handle.createWritable({ keepExistingData: false }).catch((error) => {
    throw storageError(`${save} cannot start`, error);
  });
  const kept = "The file is as it was before";
  const abort = (cause: unknown) =>
    file.abort(cause).then(
      () => {},
      () => {},
    );
  const step = async (act: () => Promise<unknown>) => {
    try {
      await act();
    } catch (error) {
      await abort(error);
      throw storageError(`${save} failed`, error, kept);
    }
  };
  return {
    write: (bytes) => step(() => file.write(copyOf(bytes))),
    close: () => step(() => file.close()),
    abort,
  };
}

/** Collects all first: until `close`, nothing of the file has changed. */
function inPlaceSink(handle: FileHandle, save: string): ByteSink {
  const { createSyncAccessHandle } = handle;
  if (!createSyncAccessHandle) {
    const why = "this browser writes to files in workers only";
    throw new TypeError(`${save}: ${why}. Save in a worker, or to an indexedDBFile`);
  }
  const collected = new BlobSink();
  return {
    write: (bytes) => collected.write(bytes),
    async close() {
      await collected.close();
      const file = await createSyncAccessHandle.call(handle).catch((error) => {
        throw storageError(`${save} cannot start`, error);
      });
      await replaceContents(file, collected.blob, save);
    },
    abort: (cause) => collected.abort(cause),
  };
}

/**
 * Writes over the old contents. Not atomic: a tab that dies while this runs leaves a torn file, which
 * a load refuses by its checksums. A lack of space is noticed before the first byte changes.
 */
async function replaceContents(file: SyncFile, contents: Blob, save: string): Promise<void> {
  let outcome = "The file is as it was before";
  try {
    const oldSize = await file.getSize();
    if (contents.size > oldSize) {
      try {
        await file.truncate(contents.size);
      } catch (error) {
        await file.truncate(oldSize);
        throw error;
      }
    }
    outcome = "The file is damaged: this browser can only write over it";
    for (let at = 0; at < contents.size; ) {
      const part = await contents.slice(at, at + COPY_BYTES).arrayBuffer();
      const count = await file.write(new Uint8Array(part), { at });
      if (!(count > 0)) throw new Error(`wrote ${count} of ${part.byteLength} bytes`);
      at += count;
    }
    await file.truncate(contents.size);
    await file.flush();
  } catch (error) {
    throw storageError(`${save} failed`, error, outcome);
  } finally {
    await file.close();
  }
}
