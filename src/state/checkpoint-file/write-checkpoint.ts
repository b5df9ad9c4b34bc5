import { show, wrongValue } from "../../errors.ts";
import type { ByteSink } from "../bytes.ts";
import { refusal } from "../checkpoint-error.ts";
import { crc32, hexOfCrc } from "../crc32.ts";
import type { Progress } from "../progress.ts";
import { encodeHeader } from "../safetensors/encode-header.ts";
import { layOut } from "../safetensors/lay-out.ts";
import type { TensorDtype, TensorEntry } from "../safetensors/tensor.ts";
import { bytesOf, ChunkWriter } from "./chunk-writer.ts";
import { stampHeaderCrc } from "./header-crc.ts";
import { makeMetadata } from "./metadata.ts";

export interface CheckpointTensor {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  /** Fresh views of its bytes, in order; asked for twice: for the CRC and for the writing. */
  parts(): Iterable<ArrayBufferView>;
}

type Placed = TensorEntry & { readonly tensor: CheckpointTensor };

export interface CheckpointContents {
  readonly state: string;
  readonly tensors: readonly CheckpointTensor[];
}

/** A checkpoint whose header is made, and which is still to be written. */
export interface LaidOutCheckpoint {
  /** Has the CRCs of all contents. */
  readonly header: Uint8Array<ArrayBuffer>;
  /** Bytes of the whole file. */
  readonly size: number;
  /**
   * The sink is the caller's to close or abort.
   *
   * @throws CheckpointError where a tensor's bytes have changed meanwhile
   */
  write(sink: ByteSink, onProgress?: (progress: Progress) => void): Promise<void>;
}

/**
 * Writes a checkpoint. The sink is the caller's to close or abort.
 *
 * @throws RangeError for tensors that a file cannot hold; CheckpointError where a tensor's bytes
 *         change meanwhile
 */
export async function writeCheckpoint(
  sink: ByteSink,
  contents: CheckpointContents,
  onProgress?: (progress: Progress) => void,
): Promise<void> {
  await layOutCheckpoint(contents).write(sink, onProgress);
}

/** Reads all tensors once, for their CRCs. @throws RangeError for tensors that a file cannot hold */
export function layOutCheckpoint(contents: CheckpointContents): LaidOutCheckpoint {
  const { state } = contents;
  if (!state.isWellFormed())
    throw wrongValue("state", "a checkpoint", "well-formed Unicode", state);
  const tensors = layOut(contents.tensors);
  const crcs = new Map(tensors.map((tensor) => [tensor.name, crcOf(tensor)]));
  const header = encodeHeader(makeMetadata(state, crcs), tensors);
  stampHeaderCrc(header);

  const size = header.length + (tensors.at(-1)?.end ?? 0);
  return {
    header,
    size,
    async write(sink, onProgress) {
      sink.expect?.(size);
      const writer = new ChunkWriter(sink, size, onProgress);
      await writer.writeWhole(header);
      for (const tensor of tensors) {
        await writeTensor(writer, tensor, crcs.get(tensor.name) as number);
      }
      await writer.flush();
    },
  };
}

function crcOf({ name, begin, end, tensor }: Placed): number {
  let crc = 0;
  let size = 0;
  for (const part of tensor.parts()) {
    const bytes = bytesOf(part);
    crc = crc32(bytes, crc);
    size += bytes.length;
  }
  if (size === end - begin) return crc;
  throw wrongValue("parts", `tensor ${show(name)}`, `${end - begin} bytes, as its shape`, size);
}

/** The CRC is taken of what the sink gets: one of other bytes would make the file unreadable. */
async function writeTensor(writer: ChunkWriter, placed: Placed, crc: number): Promise<void> {
  const { name, begin, end, tensor } = placed;
  let written = 0;
  let size = 0;
  for (const part of tensor.parts()) {
    size += part.byteLength;
    // A part of another length than before would shift what follows in the file.
    if (size > end - begin) break;
    written = await writer.copy(part, written);
  }
  if (size === end - begin && written === crc) return;
  const bytes = size === end - begin ? "" : ` of ${size} bytes`;
  throw refusal(
    "CHANGED_WHILE_SAVED",
    "CRC-32",
    `tensor ${show(name)}`,
    hexOfCrc(crc),
    `${hexOfCrc(written)}${bytes}`,
    "Let no step run while a checkpoint is saved",
  );
}
