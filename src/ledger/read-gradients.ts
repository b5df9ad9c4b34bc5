import { printable, show } from "../errors.ts";
import { rowLengthOf } from "../gradients/gradient.ts";
import type { ByteReader } from "../state/bytes.ts";
import { crc32 } from "../state/crc32.ts";
import { readBytes } from "../state/safetensors/read-bytes.ts";
import type { LedgerParameter } from "./format.ts";
import { bytesOf, ENTRY_BYTES, HEAD_BYTES, KIND, MAGIC, RECORD } from "./gradient-file.ts";

/** A gradient as it was given. */
export type RecordedGradient =
  | { readonly kind: "dense"; readonly values: Float32Array }
  | { readonly kind: "half"; readonly bits: Uint16Array }
  | { readonly kind: "rows"; readonly rows: Uint32Array; readonly values: Float32Array };

/** The gradients of one step. */
export interface RecordedGradients {
  /** Index of the step, from 0. */
  readonly step: number;
  /** What the sums are yet to be divided by; 1 for nothing. */
  readonly microBatches: number;
  /** By the names of those that took part, in their order. */
  readonly gradients: ReadonlyMap<string, RecordedGradient>;
}

/** A file of gradients that does not say what it should. */
export class GradientFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "GradientFileError";
  }
}

/** Reads NAME.gradients, record by record. The byte reader stays the caller's to close. */
export class GradientReader {
  readonly #reader: ByteReader;
  readonly #name: string;
  #record = 0;
  #taken = 0;
  #crc = 0;

  /** @param name of the file, for messages */
  constructor(reader: ByteReader, name: string) {
    this.#reader = reader;
    this.#name = printable(name);
  }

  /**
   * The next record; null at the end, also where the last record broke off.
   *
   * @param parameters in the order of the names, as the ledger has them at the step
   * @throws GradientFileError
   */
  async next(parameters: readonly LedgerParameter[]): Promise<RecordedGradients | null> {
    if (this.#record === 0) await this.#readMagic();
    this.#record++;
    this.#crc = 0;
    const head = await this.#take(HEAD_BYTES);
    if (head === null) return null;
    const [mark, microBatches, count] = [0, 4, 16].map((at) => head.getUint32(at, true));
    if (mark !== RECORD) throw this.#refuse(`${RECORD}, the mark of a record`, `${mark}`);
    if (microBatches === 0) throw this.#refuse("at least 1 micro-batch", "0");
    if (count > parameters.length) {
      throw this.#refuse(`at most ${parameters.length} gradients`, `${count}`);
    }
    const entries = await this.#take(ENTRY_BYTES * count);
    if (entries === null) return null;
    const gradients = new Map<string, RecordedGradient>();
    let least = 0;
    for (let i = 0; i < count; i++) {
      const at = ENTRY_BYTES * i;
      const [place, kind, rows, elements] = [0, 4, 8, 12].map((o) =>
        entries.getUint32(at + o, true),
      );
      if (place < least || place >= parameters.length) {
        throw this.#refuse(`ascending parameters below ${parameters.length}`, `${place}`);
      }
      least = place + 1;
      const gradient = await this.#readGradient(parameters[place], kind, rows, elements);
      if (gradient === null) return null;
      gradients.set(parameters[place].name, gradient);
    }
    const made = this.#crc;
    const crc = await this.#take(4);
    if (crc === null) return null;
    const said = crc.getUint32(0, true);
    if (said !== made) throw this.#refuse(`CRC-32 ${made}`, `${said}. The file is damaged`);
    return { step: head.getFloat64(8, true), microBatches, gradients };
  }

  async #readGradient(
    { name, shape }: LedgerParameter,
    kind: number,
    rows: number,
    elements: number,
  ): Promise<RecordedGradient | null> {
    const length = shape.reduce((product, size) => product * size, 1);
    if (kind > KIND.rows) throw this.#refuse("kind 0, 1 or 2 of a gradient", `${kind}`);
    // A scalar has no rows.
    const [most, expected] =
      kind === KIND.rows ? [Number(shape[0]), rows * rowLengthOf(shape)] : [0, length];
    if (!(rows <= most) || elements !== expected) {
      const of = `gradient of parameter ${show(name)}`;
      const got = `${elements} elements and ${rows} rows`;
      throw this.#refuse(`a ${of} of ${length} elements`, got);
    }
    const which = await this.#take(4 * rows);
    const data = which && (await this.#take(bytesOf(kind, elements)));
    if (!data) return null;
    const values = new Float32Array(data.buffer, 0, kind === KIND.half ? 0 : elements);
    if (kind === KIND.dense) return { kind: "dense", values };
    if (kind === KIND.half) {
      return { kind: "half", bits: new Uint16Array(data.buffer, 0, elements) };
    }
    return { kind: "rows", rows: new Uint32Array(which.buffer), values };
  }

  async #readMagic(): Promise<void> {
    const bytes = new Uint8Array(MAGIC.length);
    this.#taken = MAGIC.length;
    const count = await this.#reader.read(bytes);
    if (count === MAGIC.length && bytes.every((byte, i) => byte === MAGIC[i])) return;
    throw this.#refuse('"ashgrad1", as a file of gradients begins', "other bytes");
  }

  /** The next bytes; null where the file ends before. */
  async #take(count: number): Promise<DataView<ArrayBuffer> | null> {
    this.#taken += count;
    // Before memory is asked for: a damaged file may speak of any number.
    if (this.#reader.size !== null && this.#taken > this.#reader.size) return null;
    // Of a pipe only reading tells how many there are.
    const bytes = await readBytes(this.#reader, count);
    if (bytes.length < count) return null;
    this.#crc = crc32(bytes, this.#crc);
    return new DataView(bytes.buffer);
  }

  #refuse(expected: string, got: string): GradientFileError {
    const where = this.#record === 0 ? "the beginning" : `record ${this.#record}`;
    return new GradientFileError(`${where} of ${this.#name}: expected ${expected}, got ${got}`);
  }
}
