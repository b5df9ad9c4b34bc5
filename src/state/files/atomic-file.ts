import type { ByteSink } from "../bytes.ts";
import { fileError, quoted, storageError } from "./file-error.ts";
import type { FileSystem, OpenFile } from "./file-system.ts";
import { keepOlderVersions } from "./older-versions.ts";
import { findSavePlace, type SavePlace } from "./save-place.ts";
import { claimTemporary, deleteStaleTemporaries, releaseTemporary } from "./temporaries.ts";
import { writeAll } from "./write-all.ts";

/**
 * Writes a file beside the one that it will replace: whoever looks, and whatever ends the program,
 * the name has all of the old contents or all of the new. `close` resolves when the new ones are on
 * the disk. docs/decisions/0010-atomic-saves.md has the reasons.
 */
export class AtomicFile implements ByteSink {
  readonly #fs: FileSystem;
  readonly #place: SavePlace;
  readonly #temporary: string;
  readonly #keep: number;
  #file: OpenFile | null;
  #isThere = true;
  #isDone = false;

  private constructor(
    fs: FileSystem,
    place: SavePlace,
    temporary: string,
    file: OpenFile,
    keep: number,
  ) {
    this.#fs = fs;
    this.#place = place;
    this.#temporary = temporary;
    this.#file = file;
    this.#keep = keep;
  }

  /**
   * Refuses here, before anything is written, what can be known: a folder that is missing or not
   * writable, a path that is a folder or write-protected.
   *
   * @param keep  how many older versions stay, as NAME.1 to NAME.keep
   */
  static async open(fs: FileSystem, path: string, keep = 0): Promise<AtomicFile> {
    const place = await findSavePlace(fs, path);
    const { folder, name, old } = place;
    await deleteStaleTemporaries(fs, folder, name);
    const temporary = claimTemporary(fs, folder, name);
    let file: OpenFile;
    try {
      file = await fs.open(temporary, "wx", old?.mode ?? 0o666);
    } catch (error) {
      releaseTemporary(temporary);
      throw fileError(`save to ${quoted(place.path)} cannot start`, place.path, error);
    }
    const sink = new AtomicFile(fs, place, temporary, file, keep);
    // The process's mask may have taken bits. Not all file systems have modes, and none needs them.
    if (old) await file.chmod(old.mode).catch(() => {});
    return sink;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const file = this.#openFile("write");
    await this.#step("cannot be written", () => writeAll(file, bytes));
  }

  async close(): Promise<void> {
    const file = this.#openFile("close");
    const { folder, path } = this.#place;
    await this.#step("cannot be written", () => file.sync());
    await this.#step("cannot be written", () => {
      // A file that fails to close is closed.
      this.#file = null;
      return file.close();
    });
    const open = await this.#step("cannot be made to last", () => this.#fs.openFolder(folder));
    try {
      await this.#step("cannot keep older versions", () =>
        keepOlderVersions(this.#fs, this.#place, this.#keep, open),
      );
      await this.#step("cannot get its name", () => this.#fs.rename(this.#temporary, path));
      this.#isThere = false;
      this.#finish();
      await open.sync().catch((error) => {
        const outcome = "The new file is in place and whole, but a power failure may undo the save";
        throw fileError(`save to ${quoted(path)} cannot be made to last`, path, error, outcome);
      });
    } finally {
      await open.close().catch(() => {});
    }
  }

  async abort(_cause: unknown): Promise<void> {
    await this.#discard();
  }

  #openFile(call: string): OpenFile {
    if (this.#file && !this.#isDone) return this.#file;
    throw storageError(`${call} of the save to ${quoted(this.#place.path)}`, "it has ended");
  }

  /** Does a part of the save; where it fails, the save is over. */
  async #step<T>(what: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      const isGone = await this.#discard();
      const { path, old } = this.#place;
      const kept = old ? "The file is as it was before" : "There is no file, as before";
      const left = isGone ? "" : `; the unfinished ${quoted(this.#temporary)} could not be deleted`;
      throw fileError(`save to ${quoted(path)} ${what}`, path, error, kept + left);
    }
  }

  /** Returns whether nothing is left. */
  async #discard(): Promise<boolean> {
    this.#finish();
    const file = this.#file;
    this.#file = null;
    await file?.close().catch(() => {});
    if (!this.#isThere) return true;
    try {
      await this.#fs.unlink(this.#temporary);
      this.#isThere = false;
    } catch {
      return false;
    }
    return true;
  }

  #finish(): void {
    this.#isDone = true;
    releaseTemporary(this.#temporary);
  }
}
