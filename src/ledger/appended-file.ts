import { fileError, quoted, refusal } from "../state/files/file-error.ts";
import { codeOf } from "../state/files/file-system.ts";

// Files that are written as a run goes: at once, as a step cannot wait. Node, Deno and Bun have them.

interface SyncFs {
  openSync(path: string, flags: string, mode: number): number;
  writeSync(file: number, bytes: Uint8Array, from: number, count: number, at: number): number;
  readSync(file: number, into: Uint8Array, from: number, count: number, at: number): number;
  fstatSync(file: number): { readonly size: number; isFile(): boolean };
  fsyncSync(file: number): void;
  ftruncateSync(file: number, bytes: number): void;
  closeSync(file: number): void;
  unlinkSync(path: string): void;
  lstatSync(path: string, options: { readonly throwIfNoEntry: false }): object | undefined;
}

interface NodeProcess {
  getBuiltinModule?(name: string): unknown;
}

/** What is there where `findPath` found a path. */
export function syncFs(): SyncFs {
  const { process } = globalThis as { process?: NodeProcess };
  return process?.getBuiltinModule?.("node:fs") as SyncFs;
}

/** Whether nothing has that name: no link either, which a save would follow. */
export function isFree(path: string): boolean {
  return syncFs().lstatSync(path, { throwIfNoEntry: false }) === undefined;
}

/** A file that is open to be written, by positions. */
export class AppendedFile {
  readonly #fs: SyncFs;
  readonly #path: string;
  readonly #file: number;
  /** Whether it is not there before. */
  readonly isNew: boolean;

  private constructor(fs: SyncFs, path: string, file: number, isNew: boolean) {
    this.#fs = fs;
    this.#path = path;
    this.#file = file;
    this.isNew = isNew;
  }

  /**
   * Opens a new file, or with `append` one that there is.
   *
   * @throws what the file system says, with its code: EEXIST where there is a file
   */
  static open(path: string, append = false, fs = syncFs()): AppendedFile {
    try {
      return new AppendedFile(fs, path, fs.openSync(path, "wx+", 0o666), true);
    } catch (error) {
      if (!append || codeOf(error) !== "EEXIST")
        throw fileError(cannot("start", path), path, error);
    }
    try {
      return new AppendedFile(fs, path, fs.openSync(path, "r+", 0o666), false);
    } catch (error) {
      throw fileError(cannot("start", path), path, error);
    }
  }

  get size(): number {
    return this.#try("be read", () => this.#fs.fstatSync(this.#file).size);
  }

  /** Bytes from a position on, fewer where the file ends. */
  read(at: number, count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    const read = this.#try("be read", () => this.#fs.readSync(this.#file, bytes, 0, count, at));
    return bytes.subarray(0, read);
  }

  write(bytes: Uint8Array, at: number): void {
    this.#try("be written", () => {
      for (let done = 0; done < bytes.length; ) {
        const count = this.#fs.writeSync(this.#file, bytes, done, bytes.length - done, at + done);
        if (!(count > 0)) throw refusal("EIO", `wrote ${count} of ${bytes.length - done} bytes`);
        done += count;
      }
    });
  }

  truncate(bytes: number): void {
    this.#try("be written", () => this.#fs.ftruncateSync(this.#file, bytes));
  }

  /** Returns when the contents are on the disk. */
  sync(): void {
    this.#try("be made to last", () => this.#fs.fsyncSync(this.#file));
  }

  close(): void {
    this.#try("be closed", () => this.#fs.closeSync(this.#file));
  }

  /** Closes it and, if it was new, deletes it. Does not throw. */
  discard(): void {
    for (const act of [
      () => this.#fs.closeSync(this.#file),
      () => this.isNew && this.#fs.unlinkSync(this.#path),
    ]) {
      try {
        act();
      } catch {
        // What failed before it says more.
      }
    }
  }

  #try<Result>(what: string, act: () => Result): Result {
    try {
      return act();
    } catch (error) {
      throw fileError(cannot(what, this.#path), this.#path, error);
    }
  }
}

const cannot = (what: string, path: string) =>
  `the run ledger's file ${quoted(path)} cannot ${what}`;
