import type { FileSystem, OpenFile } from "../../src/state/files/file-system.ts";
import { failure } from "./disk.ts";

/** Decides over a call: its number among all, from 0, and its name. True lets it fail. */
export type Decide = (index: number, call: string) => boolean;

/** A file system whose calls fail where `decide` says so, with this code. */
export function failing(
  fs: FileSystem,
  code: string,
  decide: Decide,
): { fs: FileSystem; calls: readonly string[] } {
  const calls: string[] = [];
  const attempt = <T>(call: string, act: () => Promise<T>): Promise<T> => {
    calls.push(call);
    return decide(calls.length - 1, call) ? Promise.reject(failure(code, call)) : act();
  };
  const file = (open: OpenFile): OpenFile => ({
    write: (bytes) => attempt("write", () => open.write(bytes)),
    read: (into, position) => attempt("read", () => open.read(into, position)),
    status: () => attempt("fstat", () => open.status()),
    chmod: (mode) => attempt("chmod", () => open.chmod(mode)),
    sync: () => attempt("fsync", () => open.sync()),
    // As the system does: a file that fails to close is closed.
    close: () => attempt("close", async () => {}).finally(() => open.close()),
  });
  const wrapped: FileSystem = {
    paths: fs.paths,
    process: fs.process,
    open: (path, flags, mode) =>
      attempt("open", async () => file(await fs.open(path, flags, mode))),
    openFolder: (path) =>
      attempt("open the folder", async () => {
        const folder = await fs.openFolder(path);
        return {
          sync: () => attempt("fsync the folder", () => folder.sync()),
          close: () => attempt("close the folder", async () => {}).finally(() => folder.close()),
        };
      }),
    status: (path) => attempt("stat", () => fs.status(path)),
    readlink: (path) => attempt("readlink", () => fs.readlink(path)),
    realpath: (path) => attempt("realpath", () => fs.realpath(path)),
    readdir: (path) => attempt("readdir", () => fs.readdir(path)),
    rename: (from, to) => attempt("rename", () => fs.rename(from, to)),
    link: (from, to) => attempt("link", () => fs.link(from, to)),
    unlink: (path) => attempt("unlink", () => fs.unlink(path)),
  };
  return { fs: wrapped, calls };
}
