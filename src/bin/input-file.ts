import type { ByteReader } from "../state/bytes.ts";
import { fileError, quoted, refusal } from "../state/files/file-error.ts";
import type { FileSystem, OpenFile } from "../state/files/file-system.ts";
import { nodeFileSystem } from "../state/files/node-file-system.ts";
import { ToolError } from "./tool-error.ts";

/** Reads shorter than this go through a buffer: small tensors share a read. */
const BUFFER_BYTES = 1 << 18;

/** A file that is read in any order, or a pipe, which is read in its own. */
export class InputFile implements ByteReader {
  readonly path: string;
  /** null of a pipe. */
  readonly size: number | null;
  readonly #file: OpenFile;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  /** What of the buffer is filled, and where in the file that begins. */
  #buffered = new Uint8Array(0);
  #bufferedAt = 0;
  #at = 0;

  private constructor(path: string, file: OpenFile, size: number | null) {
    this.path = path;
    this.size = size;
    this.#file = file;
  }

  static async open(path: string): Promise<InputFile> {
    const fs = nodeFileSystem() as FileSystem;
    let file: OpenFile | undefined;
    try {
      file = await fs.open(path, "r");
      const { kind, size } = await file.status();
      if (kind === "folder") throw refusal("EISDIR", "it is a folder");
      return new InputFile(path, file, kind === "file" ? size : null);
    } catch (error) {
      await file?.close().catch(() => {});
      throw cannotRead(path, error);
    }
  }

  async read(into: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const count = await this.#readSome(into.subarray(filled));
      if (count === 0) break;
      filled += count;
      this.#at += count;
    }
    return filled;
  }

  /** Of the buffer where it has the next bytes; else of the file, by way of it for a few. */
  async #readSome(into: Uint8Array): Promise<number> {
    const begin = this.#at - this.#bufferedAt;
    if (begin >= 0 && begin < this.#buffered.length) {
      const part = this.#buffered.subarray(begin, begin + into.length);
      into.set(part);
      return part.length;
    }
    if (into.length >= BUFFER_BYTES) return this.#readFile(into);
    this.#buffered = this.#buffer.subarray(0, await this.#readFile(this.#buffer));
    this.#bufferedAt = this.#at;
    const part = this.#buffered.subarray(0, into.length);
    into.set(part);
    return part.length;
  }

  async #readFile(into: Uint8Array): Promise<number> {
    try {
      return await this.#file.read(into, this.size === null ? null : this.#at);
    } catch (error) {
      throw cannotRead(this.path, error);
    }
  }

  async skip(count: number): Promise<number> {
    if (this.size !== null) {
      const skipped = Math.min(count, Math.max(0, this.size - this.#at));
      this.#at += skipped;
      return skipped;
    }
    const scratch = new Uint8Array(Math.min(count, BUFFER_BYTES));
    let skipped = 0;
    while (skipped < count) {
      const read = await this.read(scratch.subarray(0, count - skipped));
      if (read === 0) break;
      skipped += read;
    }
    return skipped;
  }

  /** Goes on at a position of the file, which in a pipe can only lie ahead. */
  async seek(position: number): Promise<void> {
    if (this.size !== null) this.#at = position;
    else if (position >= this.#at) await this.skip(position - this.#at);
    else {
      const why = "it is a pipe, whose tensors come in another order than they are needed";
      throw new ToolError(`cannot read ${quoted(this.path)}: ${why}. Give a file`);
    }
  }

  close(): Promise<void> {
    return this.#file.close().catch(() => {});
  }
}

function cannotRead(path: string, error: unknown): Error {
  return fileError(`cannot read ${quoted(path)}`, path, error);
}
