import { show } from "../../errors.ts";
import type { ByteReader } from "../bytes.ts";
import { storageError } from "../files/file-error.ts";

/**
 * Reads a stream, whose chunks may have any length. `close` cancels it, so that a download ends
 * there.
 */
export function streamReader(
  stream: ReadableStream<Uint8Array>,
  { size = null, title = "a stream" }: { size?: number | null; title?: string } = {},
): ByteReader {
  const reader = stream.getReader();
  let chunk = new Uint8Array(0);
  let received = 0;

  /** Takes up to `count` bytes of the chunk at hand or of the next; none only at the end. */
  const take = async (count: number) => {
    while (chunk.length === 0) {
      const { done, value } = await reader.read().catch((error) => {
        throw storageError(`load from ${title} failed after ${received} bytes`, error);
      });
      if (done) return chunk;
      if (Object.prototype.toString.call(value) !== "[object Uint8Array]") {
        throw new TypeError(`chunk of ${title}: expected a Uint8Array, got ${show(value)}`);
      }
      chunk = value as Uint8Array<ArrayBuffer>;
      received += chunk.length;
    }
    const part = chunk.subarray(0, count);
    chunk = chunk.subarray(count);
    return part;
  };

  return {
    size,
    async read(into) {
      let filled = 0;
      while (filled < into.length) {
        const part = await take(into.length - filled);
        if (part.length === 0) break;
        into.set(part, filled);
        filled += part.length;
      }
      return filled;
    },
    async skip(count) {
      let skipped = 0;
      while (skipped < count) {
        const { length } = await take(count - skipped);
        if (length === 0) break;
        skipped += length;
      }
      return skipped;
    },
    close: () => reader.cancel().catch(() => {}),
  };
}
