import { show } from "../errors.ts";
import { CheckpointError, refusal } from "../state/checkpoint-error.ts";
import { checkHeaderCrc } from "../state/checkpoint-file/header-crc.ts";
import {
  DAMAGED,
  isOurs,
  KEYS,
  readTensorCrcs,
  readVersion,
  required,
} from "../state/checkpoint-file/metadata.ts";
import { crc32, hexOfCrc } from "../state/crc32.ts";
import { quoted } from "../state/files/file-error.ts";
import { elementsOf, unitBytes } from "../state/inspect/elements.ts";
import { readHeader } from "../state/safetensors/read-header.ts";
import type { TensorEntry } from "../state/safetensors/tensor.ts";
import { InputFile } from "./input-file.ts";
import { readRun, type SavedRun } from "./saved-run.ts";
import { ToolError } from "./tool-error.ts";

/** Elements to a chunk: at most 1 MiB. */
export const CHUNK_ELEMENTS = 131_072;

/** A checkpoint or another safetensors file whose header is right, and whose tensors are still to read. */
export class TensorFile {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly TensorEntry[];
  /** null of a file of others. */
  readonly run: SavedRun | null;
  readonly #input: InputFile;
  readonly #dataBegin: number;
  readonly #crcs: ReadonlyMap<TensorEntry, number>;

  private constructor(input: InputFile, { tensors, metadata, dataBegin, run, crcs }: Checked) {
    this.path = input.path;
    this.metadata = metadata;
    this.tensors = tensors;
    this.run = run;
    this.#input = input;
    this.#dataBegin = dataBegin;
    this.#crcs = new Map(crcs.map((crc, i) => [tensors[i], crc]));
  }

  /** @throws ToolError; errors of the system */
  static async open(path: string): Promise<TensorFile> {
    const input = await InputFile.open(path);
    try {
      return new TensorFile(input, await check(input));
    } catch (error) {
      await input.close();
      throw named(error, path);
    }
  }

  /**
   * The bytes of a tensor in chunks of as many elements, whatever they are, each from a multiple of 8
   * on. The next one takes the place of the last.
   *
   * @throws ToolError at the end, where the CRC is wrong
   */
  async *chunks(tensor: TensorEntry): AsyncGenerator<Uint8Array, void, void> {
    const { dtype, shape, begin, end } = tensor;
    const elements = Math.min(CHUNK_ELEMENTS, elementsOf(shape));
    const chunk = new Uint8Array(elements * unitBytes(dtype));
    await this.#input.seek(this.#dataBegin + begin);
    let crc = 0;
    for (let at = begin; at < end; at += chunk.length) {
      const bytes = chunk.subarray(0, end - at);
      const count = await this.#input.read(bytes);
      if (count < bytes.length) {
        const ends = this.#dataBegin + at + count;
        throw named(refusal("TRUNCATED", "size", "the file", "more bytes", `${ends}`), this.path);
      }
      crc = crc32(bytes, crc);
      yield bytes;
    }
    const expected = this.#crcs.get(tensor);
    if (expected === undefined || crc === expected) return;
    const where = `tensor ${show(tensor.name)}`;
    const [said, got] = [hexOfCrc(expected), hexOfCrc(crc)];
    throw named(refusal("WRONG_CRC", "CRC-32", where, said, got, DAMAGED), this.path);
  }

  close(): Promise<void> {
    return this.#input.close();
  }
}

interface Checked extends Pick<TensorFile, "tensors" | "metadata" | "run"> {
  readonly dataBegin: number;
  readonly crcs: readonly number[];
}

async function check(input: InputFile): Promise<Checked> {
  const header = await readHeader(input);
  const { metadata, tensors, dataBegin } = header;
  if (!isOurs(metadata)) return { tensors, metadata, dataBegin, run: null, crcs: [] };
  readVersion(metadata);
  checkHeaderCrc(header);
  const run = readRun(required(metadata, KEYS.state));
  const crcs = readTensorCrcs(required(metadata, KEYS.tensorCrcs), tensors);
  return { tensors, metadata, dataBegin, run, crcs };
}

/** An error that says of which file it is. */
function named(error: unknown, path: string): unknown {
  if (!(error instanceof CheckpointError)) return error;
  const { reason, message } = error;
  return new ToolError(`cannot read ${quoted(path)}: ${reason}: ${message}`, { cause: error });
}
