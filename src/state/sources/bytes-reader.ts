import type { ByteReader } from "../bytes.ts";

/** Reads bytes of memory, which may be shared. */
export function bytesReader(bytes: Uint8Array): ByteReader {
  let at = 0;
  const take = (count: number) => {
    const part = bytes.subarray(at, at + count);
    at += part.length;
    return part;
  };
  return {
    size: bytes.length,
    async read(into) {
      const part = take(into.length);
      into.set(part);
      return part.length;
    },
    skip: async (count) => take(count).length,
    close: async () => {},
  };
}
