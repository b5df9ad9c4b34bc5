import type { ByteReader } from "../bytes.ts";
import type { Progress } from "../progress.ts";
import { newChunk } from "./read-bytes.ts";
import { checkEnd, checkSize, type ReadHeader } from "./read-header.ts";
import type { TensorEntry } from "./tensor.ts";

/** Gets a tensor's bytes in chunks, which are gone after the call. */
export type TakeBytes = (bytes: Uint8Array, offset: number) => void;

export interface DataOptions {
  /** Who gets a tensor's bytes; null to pass over them. */
  take(tensor: TensorEntry, index: number): TakeBytes | null;
  /** Called when all of a tensor's bytes were handed out. */
  done?(tensor: TensorEntry, index: number): void;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Reads the data section in file order, and throws unless the file ends with its last tensor.
 * Small tensors share a read.
 */
export async function readData(
  reader: ByteReader,
  { tensors, dataBegin, dataSize, fileSize }: ReadHeader,
  { take, done, onProgress }: DataOptions,
): Promise<void> {
  const chunk = newChunk(dataSize);
  let at = dataBegin;
  /** The part of the chunk that is still to hand out. */
  let rest = chunk.subarray(0, 0);
  const arrive = (count: number, wanted: number) => {
    at += count;
    if (count < wanted) checkSize(fileSize, at);
    onProgress?.({ bytes: at, total: fileSize });
  };
  for (const [index, tensor] of tensors.entries()) {
    const size = tensor.end - tensor.begin;
    const takeBytes = take(tensor, index);
    let offset = 0;
    if (!takeBytes) {
      offset = Math.min(rest.length, size);
      rest = rest.subarray(offset);
      const more = size - offset;
      if (more > 0) arrive(await reader.skip(more), more);
      continue;
    }
    while (offset < size) {
      if (rest.length === 0) {
        rest = chunk.subarray(0, fileSize - at);
        arrive(await reader.read(rest), rest.length);
      }
      const part = rest.subarray(0, size - offset);
      takeBytes(part, offset);
      offset += part.length;
      rest = rest.subarray(part.length);
    }
    done?.(tensor, index);
  }
  await checkEnd(reader, fileSize);
}
