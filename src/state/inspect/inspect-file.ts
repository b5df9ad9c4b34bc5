import type { ByteReader } from "../bytes.ts";
import { type CheckpointError, problemOf } from "../checkpoint-error.ts";
import { checkHeaderCrc } from "../checkpoint-file/header-crc.ts";
import {
  isOurs,
  KEYS,
  readTensorCrcs,
  readVersion,
  required,
} from "../checkpoint-file/metadata.ts";
import type { Progress } from "../progress.ts";
import type { SizedReader } from "../safetensors/read-bytes.ts";
import { checkEnd, checkSize, type ReadHeader, readHeader } from "../safetensors/read-header.ts";
import { type InspectedTensor, inspectTensors } from "./inspect-tensors.ts";

/** What can be said of a file, whatever is wrong with it. */
export interface FileInspection {
  /** Bytes of the file; null where the source does not say. */
  readonly size: number | null;
  /** null where it cannot be read: then nothing else is known either. */
  readonly header: ReadHeader | null;
  /** Whether it is a checkpoint of ours, sound or not. */
  readonly isCheckpoint: boolean;
  /** The optimizer's own text; null without one. */
  readonly state: string | null;
  /** In file order. */
  readonly tensors: readonly InspectedTensor[];
  /** Empty for a sound file. */
  readonly problems: readonly CheckpointError[];
}

/**
 * Reads a whole file, in chunks, and says what it holds. Goes on after what is wrong as far as the
 * rest can still be read.
 *
 * @throws what the reader throws; never a CheckpointError
 */
export async function inspectFile(
  reader: ByteReader,
  onProgress?: (progress: Progress) => void,
): Promise<FileInspection> {
  const { size } = reader;
  const problems: CheckpointError[] = [];
  const note = (error: unknown) => {
    problems.push(problemOf(error));
    return null;
  };
  const attempt = <Result>(act: () => Result): Result | null => {
    try {
      return act();
    } catch (error) {
      return note(error);
    }
  };

  const header = await readHeader(withoutSize(reader)).catch(note);
  if (!header) {
    return { size, header, isCheckpoint: false, state: null, tensors: [], problems };
  }
  const { metadata, fileSize } = header;
  if (size !== null) attempt(() => checkSize(fileSize, size));
  const isCheckpoint = isOurs(metadata);
  let crcs: readonly number[] | null = null;
  let state: string | null = null;
  if (isCheckpoint) {
    attempt(() => readVersion(metadata));
    attempt(() => checkHeaderCrc(header));
    state = attempt(() => required(metadata, KEYS.state));
    crcs = attempt(() => readTensorCrcs(required(metadata, KEYS.tensorCrcs), header.tensors));
  }
  const tensors = await inspectTensors(reader, header, crcs, onProgress);
  for (const { problem } of tensors) if (problem) problems.push(problem);
  if (size === null) {
    const end = header.dataBegin + tensors.reduce((sum, { read }) => sum + read, 0);
    if (end < fileSize) attempt(() => checkSize(fileSize, end));
    else await checkEnd(reader, fileSize).catch(note);
  }
  return { size, header, isCheckpoint, state, tensors, problems };
}

/** A header is worth reading also where the file has another size than it says. */
function withoutSize(reader: ByteReader): SizedReader {
  return { size: null, read: (into) => reader.read(into) };
}
