import type { ByteReader } from "../bytes.ts";
import { storageError } from "../files/file-error.ts";

/** Bytes that a Blob is asked for at a time: each answer is a buffer of its own. */
const PART_BYTES = 1 << 20;

/** A File is a name and a time; browsers refuse to read one that has changed since. */
const FILE_REMEDY = "If it is a file that was changed after it was picked, pick it again";

/** Reads a Blob or a File, a part at a time. */
export function blobReader(blob: Blob, title = "a Blob", remedy = FILE_REMEDY): ByteReader {
  const { size } = blob;
  let at = 0;
  const readPart = async (length: number) => {
    try {
      return new Uint8Array(await blob.slice(at, at + length).arrayBuffer());
    } catch (error) {
      throw storageError(`load from ${title} failed`, error, remedy);
    }
  };
  return {
    size,
    async read(into) {
      let filled = 0;
      while (filled < into.length && at < size) {
        const part = await readPart(Math.min(into.length - filled, PART_BYTES));
        if (part.length === 0) break;
        into.set(part, filled);
        filled += part.length;
        at += part.length;
      }
      return filled;
    },
    async skip(count) {
      const skipped = Math.min(count, size - at);
      at += skipped;
      return skipped;
    },
    close: async () => {},
  };
}
