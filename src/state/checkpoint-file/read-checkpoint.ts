import { show } from "../../errors.ts";
import type { ByteReader } from "../bytes.ts";
import { refusal } from "../checkpoint-error.ts";
import { crc32, hexOfCrc } from "../crc32.ts";
import type { Progress } from "../progress.ts";
import { readData, type TakeBytes } from "../safetensors/read-data.ts";
import { type ReadHeader, readHeader } from "../safetensors/read-header.ts";
import type { TensorEntry } from "../safetensors/tensor.ts";
import { checkHeaderCrc } from "./header-crc.ts";
import { DAMAGED, KEYS, readTensorCrcs, readVersion, required } from "./metadata.ts";

/** A checkpoint whose header is read and right, and whose data is still to come. */
export interface OpenCheckpoint {
  readonly version: number;
  /** What the optimizer says of itself, as JSON. */
  readonly state: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** In file order. */
  readonly tensors: readonly TensorEntry[];
  /**
   * Reads all data in file order, once. `take` says, tensor by tensor, who gets its bytes (in
   * chunks, each with its offset in the tensor, and gone after the call), or null to only check
   * them. What was handed out is right only if the whole call succeeds.
   */
  readTensors(
    take: (tensor: TensorEntry) => TakeBytes | null,
    onProgress?: (progress: Progress) => void,
  ): Promise<void>;
}

/**
 * Reads a checkpoint's header and checks all of it. The reader is the caller's to close.
 *
 * @throws CheckpointError, whose `reason` says what is wrong with the file
 */
export async function openCheckpoint(reader: ByteReader): Promise<OpenCheckpoint> {
  return checkpointOf(reader, await readHeader(reader));
}

/** The same, of a header that has been read. */
export function checkpointOf(reader: ByteReader, header: ReadHeader): OpenCheckpoint {
  const { metadata, tensors } = header;
  const version = readVersion(metadata);
  checkHeaderCrc(header);
  const state = required(metadata, KEYS.state);
  const crcs = readTensorCrcs(required(metadata, KEYS.tensorCrcs), tensors);
  let isRead = false;
  return {
    version,
    state,
    metadata,
    tensors,
    async readTensors(take, onProgress) {
      if (isRead)
        throw new Error("readTensors: expected one call, got a second: data is read once");
      isRead = true;
      await readChecked(reader, header, crcs, take, onProgress);
    },
  };
}

async function readChecked(
  reader: ByteReader,
  header: ReadHeader,
  crcs: readonly number[],
  take: (tensor: TensorEntry) => TakeBytes | null,
  onProgress: ((progress: Progress) => void) | undefined,
): Promise<void> {
  let crc = 0;
  await readData(reader, header, {
    take(tensor) {
      const takeBytes = take(tensor);
      crc = 0;
      return (bytes, offset) => {
        crc = crc32(bytes, crc);
        takeBytes?.(bytes, offset);
      };
    },
    done({ name }, index) {
      if (crc === crcs[index]) return;
      throw refusal(
        "WRONG_CRC",
        "CRC-32",
        `tensor ${show(name)}`,
        hexOfCrc(crcs[index]),
        hexOfCrc(crc),
        DAMAGED,
      );
    },
    onProgress,
  });
}
