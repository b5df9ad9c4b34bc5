import { fileError, quoted, refusal } from "./file-error.ts";
import { codeOf, type FileStatus, type FileSystem } from "./file-system.ts";

/** Where a save will put its file. */
export interface SavePlace {
  /** Absolute, and without links. */
  readonly folder: string;
  readonly name: string;
  readonly path: string;
  /** Of the file that is there; null where there is none. */
  readonly old: FileStatus | null;
}

/** As many as Linux follows. */
const MOST_LINKS = 40;

/**
 * Finds the place that a path means, and refuses what must not be replaced. A link stays: what it
 * points to is the place, even where that does not exist yet.
 */
export async function findSavePlace(fs: FileSystem, path: string): Promise<SavePlace> {
  try {
    return await follow(fs, path);
  } catch (error) {
    throw fileError(`save to ${quoted(path)} cannot start`, path, error);
  }
}

async function follow(fs: FileSystem, path: string): Promise<SavePlace> {
  const { paths } = fs;
  let next = path;
  for (let links = 0; links <= MOST_LINKS; links++) {
    if (next.endsWith("/") || next.endsWith(paths.sep)) {
      throw refusal("EISDIR", "expected the path of a file, got that of a folder");
    }
    const absolute = paths.resolve(next);
    const folder = await fs.realpath(paths.dirname(absolute));
    const name = paths.basename(absolute);
    const place = { folder, name, path: paths.join(folder, name) };
    const old = await statusOrNull(fs, place.path);
    if (old?.kind !== "link") return { ...place, old: checkReplaceable(old) };
    next = paths.resolve(folder, await fs.readlink(place.path));
  }
  throw refusal("ELOOP", "too many symbolic links");
}

/** Null where nothing is. */
export async function statusOrNull(fs: FileSystem, path: string): Promise<FileStatus | null> {
  try {
    return await fs.status(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

function checkReplaceable(old: FileStatus | null): FileStatus | null {
  if (old === null) return null;
  if (old.kind === "folder") throw refusal("EISDIR", "a folder has that name");
  if (old.kind !== "file") {
    // A rename would put a file in the place of a device or a pipe.
    throw refusal("EINVAL", "what has that name is no regular file. For a pipe, give a stream");
  }
  // A rename asks no permission of the file that it replaces; who protected it meant it.
  if ((old.mode & 0o222) === 0) throw refusal("EACCES", "the file is write-protected");
  return old;
}
