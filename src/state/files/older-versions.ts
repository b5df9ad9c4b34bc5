import { copyFile, haveSameContents } from "./copy-file.ts";
import { quoted, refusal } from "./file-error.ts";
import { codeOf, type FileStatus, type FileSystem, type OpenFolder } from "./file-system.ts";
import { type SavePlace, statusOrNull } from "./save-place.ts";
import { claimTemporary, releaseTemporary } from "./temporaries.ts";

// Older versions of NAME are NAME.1, the one before the last save, to NAME.n. Before NAME is replaced
// they move up, as far as the first free name or over NAME.n, and the file of NAME becomes NAME.1 as
// well. NAME itself is never moved: there is no moment without it. The folder is synced after each
// step, so that no power failure keeps a later step and loses an earlier one.

/** What file systems say where a file cannot have a second name. */
const NO_LINKS = new Set<unknown>([
  "EPERM",
  "EACCES",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
  "EXDEV",
]);

/** Keeps the file that is about to be replaced as NAME.1. */
export async function keepOlderVersions(
  fs: FileSystem,
  { folder, name, path }: SavePlace,
  keep: number,
  open: OpenFolder,
): Promise<void> {
  if (keep === 0) return;
  const current = await statusOrNull(fs, path);
  if (current === null) return;
  const older = (n: number) => `${path}.${n}`;
  const free = await findFree(fs, current, older, keep);
  // A save that ended early has kept it already.
  if (free === 0) return;

  const temporary = claimTemporary(fs, folder, name);
  try {
    if (!(await hasLinked(fs, path, temporary))) {
      if (free > 1 && (await haveSameContents(fs, path, older(1)))) return;
      await copyFile(fs, path, temporary);
    }
    for (let n = Math.min(free, keep); n > 1; n--) {
      await fs.rename(older(n - 1), older(n));
      await open.sync();
    }
    await fs.rename(temporary, older(1));
    await open.sync();
  } catch (error) {
    await fs.unlink(temporary).catch(() => {});
    throw error;
  } finally {
    releaseTemporary(temporary);
  }
}

/**
 * The first number whose name is free, or second to the same file as the one before, as a crash may
 * leave it; keep + 1 where there is none; 0 where NAME.1 is NAME's file.
 */
async function findFree(
  fs: FileSystem,
  current: FileStatus,
  older: (n: number) => string,
  keep: number,
): Promise<number> {
  let last = current;
  for (let n = 1; n <= keep; n++) {
    const status = await statusOrNull(fs, older(n));
    if (status === null) return n;
    if (status.kind !== "file") {
      throw refusal("EEXIST", `${quoted(older(n))} is no file, and a version would be kept there`);
    }
    if (status.identity !== null && status.identity === last.identity) return n === 1 ? 0 : n;
    last = status;
  }
  return keep + 1;
}

async function hasLinked(fs: FileSystem, from: string, to: string): Promise<boolean> {
  try {
    await fs.link(from, to);
    return true;
  } catch (error) {
    if (NO_LINKS.has(codeOf(error))) return false;
    throw error;
  }
}
