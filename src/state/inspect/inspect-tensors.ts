import { show } from "../../errors.ts";
import type { ByteReader } from "../bytes.ts";
import { type CheckpointError, refusal } from "../checkpoint-error.ts";
import { DAMAGED } from "../checkpoint-file/metadata.ts";
import { crc32, hexOfCrc } from "../crc32.ts";
import type { Progress } from "../progress.ts";
import { CHUNK_BYTES } from "../safetensors/read-bytes.ts";
import type { ReadHeader } from "../safetensors/read-header.ts";
import type { TensorEntry } from "../safetensors/tensor.ts";
import { decoderOf, elementsOf, unitBytes } from "./elements.ts";
import { Statistics, type TensorStatistics } from "./statistics.ts";

/** A tensor of a file, and what its bytes are. */
export interface InspectedTensor extends TensorEntry {
  readonly elements: number;
  /** Bytes of it that the file has. */
  readonly read: number;
  /** null where not all of it is there, or where its elements are no numbers. */
  readonly statistics: TensorStatistics | null;
  /** CRC-32 of its bytes; null where not all of them are there. */
  readonly crc: string | null;
  /** The CRC-32 that the file says; null where it says none. */
  readonly expectedCrc: string | null;
  /** That its CRC is wrong. */
  readonly problem: CheckpointError | null;
}

/** Reads the data section in file order, as far as it goes. */
export async function inspectTensors(
  reader: ByteReader,
  { tensors, dataBegin, fileSize }: ReadHeader,
  crcs: readonly number[] | null,
  onProgress?: (progress: Progress) => void,
): Promise<InspectedTensor[]> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  const inspected: InspectedTensor[] = [];
  let at = dataBegin;
  for (const [index, tensor] of tensors.entries()) {
    const advance = (count: number) => {
      at += count;
      onProgress?.({ bytes: at, total: fileSize });
    };
    const data = await inspectData(reader, tensor, chunk, advance);
    const expectedCrc = crcs ? hexOfCrc(crcs[index]) : null;
    const problem =
      data.crc !== null && expectedCrc !== null && data.crc !== expectedCrc
        ? wrongCrc(tensor, expectedCrc, data.crc)
        : null;
    inspected.push({
      ...tensor,
      elements: elementsOf(tensor.shape),
      ...data,
      expectedCrc,
      problem,
    });
  }
  return inspected;
}

async function inspectData(
  reader: ByteReader,
  { dtype, begin, end }: TensorEntry,
  chunk: Uint8Array,
  advance: (count: number) => void,
): Promise<Pick<InspectedTensor, "read" | "statistics" | "crc">> {
  const size = end - begin;
  const decode = decoderOf(dtype);
  const statistics = decode && new Statistics(decode, unitBytes(dtype));
  let crc = 0;
  let read = 0;
  while (read < size) {
    const wanted = Math.min(chunk.length, size - read);
    const bytes = chunk.subarray(0, wanted);
    const count = await reader.read(bytes);
    read += count;
    advance(count);
    if (count < wanted) return { read, statistics: null, crc: null };
    crc = crc32(bytes, crc);
    statistics?.add(bytes);
  }
  return { read, statistics: statistics?.result() ?? null, crc: hexOfCrc(crc) };
}

function wrongCrc({ name }: TensorEntry, expected: string, got: string): CheckpointError {
  return refusal("WRONG_CRC", "CRC-32", `tensor ${show(name)}`, expected, got, DAMAGED);
}
