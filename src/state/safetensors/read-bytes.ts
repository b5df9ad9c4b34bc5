import { allocate } from "../../errors.ts";
import type { ByteReader } from "../bytes.ts";
import { Gathered } from "./gathered.ts";

/** What reads on from where it is. */
export type SizedReader = Pick<ByteReader, "size" | "read">;

/** Most bytes that are read or written at once, and the size of scratch memory: 1 MiB. */
export const CHUNK_BYTES = 1_048_576;

/** What `total` bytes are passed through. @throws OutOfMemoryError */
export function newChunk(total: number): Uint8Array<ArrayBuffer> {
  const size = Math.min(CHUNK_BYTES, total);
  return allocate(size, "a part of a file", () => new Uint8Array(size));
}

/** The next `length` bytes, or as many as there are before the end. */
export async function readBytes(
  reader: SizedReader,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const gathered = new Gathered(length, exist(reader, length));
  const chunk = newChunk(length);
  while (gathered.arrived < length) {
    const piece = chunk.subarray(0, length - gathered.arrived);
    const count = await reader.read(piece);
    gathered.add(piece.subarray(0, count));
    if (count < piece.length) break;
  }
  return gathered.join();
}

/** Whether so many bytes can exist: where a reader does not know its size, only reading tells. */
export function exist(reader: SizedReader, length: number): boolean {
  return reader.size !== null && length <= reader.size;
}
