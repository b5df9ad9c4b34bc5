import type { ByteReader } from "../bytes.ts";
import { fileError, quoted, refusal } from "../files/file-error.ts";
import type { FileSystem, OpenFile } from "../files/file-system.ts";

/** Bytes that are read at a time where what is passed over has to be read. */
const SKIP_BYTES = 1 << 16;

/**
 * Reads a file by its path. It stays the file that was opened, whatever a save puts in its place
 * meanwhile.
 */
export async function fileReader(fs: FileSystem, path: string): Promise<ByteReader> {
  const step = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      throw fileError(`load from ${quoted(path)} failed`, path, error);
    }
  };
  const file = await step(() => fs.open(path, "r"));
  try {
    const { kind, size } = await step(() => file.status());
    if (kind === "folder") await step(async () => Promise.reject(refusal("EISDIR", "a folder")));
    return readerOf(file, kind === "file" ? size : null, step);
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
}

/** A pipe or a device has no size and no positions. */
function readerOf(
  file: OpenFile,
  size: number | null,
  step: <T>(act: () => Promise<T>) => Promise<T>,
): ByteReader {
  let at = 0;
  const read = async (into: Uint8Array) => {
    let filled = 0;
    while (filled < into.length) {
      const rest = into.subarray(filled);
      const count = await step(() => file.read(rest, size === null ? null : at));
      if (count === 0) break;
      filled += count;
      at += count;
    }
    return filled;
  };
  return {
    size,
    read,
    async skip(count) {
      if (size !== null) {
        const skipped = Math.min(count, Math.max(0, size - at));
        at += skipped;
        return skipped;
      }
      const scratch = new Uint8Array(Math.min(count, SKIP_BYTES));
      let skipped = 0;
      while (skipped < count) {
        const length = await read(scratch.subarray(0, count - skipped));
        if (length === 0) break;
        skipped += length;
      }
      return skipped;
    },
    close: () => file.close().catch(() => {}),
  };
}
