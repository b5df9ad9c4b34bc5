import type { FileSystem, OpenFile } from "../../src/state/files/file-system.ts";
import type { SimulatedDisk } from "./disk.ts";
import { atomicSaver, PATH, type Saver, version } from "./explore.ts";

// Savers that leave a step out, each of which the exploration must catch.

type Wrap = (disk: SimulatedDisk) => FileSystem;

/** The disk with some calls replaced. */
function replaced(disk: SimulatedDisk, calls: Partial<FileSystem>): FileSystem {
  const fs: FileSystem = {
    paths: disk.paths,
    process: disk.process,
    open: (path, flags, mode) => disk.open(path, flags, mode),
    openFolder: () => disk.openFolder(),
    status: (path) => disk.status(path),
    readlink: () => disk.readlink(),
    realpath: (path) => disk.realpath(path),
    readdir: () => disk.readdir(),
    rename: (from, to) => disk.rename(from, to),
    link: (from, to) => disk.link(from, to),
    unlink: (path) => disk.unlink(path),
  };
  return { ...fs, ...calls };
}

/** Nothing syncs a file's contents. */
export const withoutFileSync: Wrap = (disk) =>
  replaced(disk, {
    open: async (path, flags, mode) => ({
      ...(await disk.open(path, flags, mode)),
      sync: async () => {},
    }),
  });

/** Nothing syncs the folder. */
export const withoutFolderSync: Wrap = (disk) =>
  replaced(disk, {
    openFolder: async () => ({ ...(await disk.openFolder()), sync: async () => {} }),
  });

/** The folder is synced once, at the end: not after each step of the older versions. */
export const withLastFolderSyncOnly: Wrap = (disk) => {
  let isRenamed = false;
  return replaced(disk, {
    rename: async (from, to) => {
      await disk.rename(from, to);
      isRenamed = to === PATH;
    },
    openFolder: async () => {
      const folder = await disk.openFolder();
      return { ...folder, sync: async () => (isRenamed ? folder.sync() : undefined) };
    },
  });
};

/** The file gets its name first, and is synced then. */
export const withLateFileSync: Wrap = (disk) => {
  const late: OpenFile[] = [];
  return replaced(disk, {
    open: async (path, flags, mode) => {
      const file = await disk.open(path, flags, mode);
      const sync = async () => {
        late.push(file);
      };
      return { ...file, sync };
    },
    rename: async (from, to) => {
      await disk.rename(from, to);
      for (const file of late) await file.sync();
    },
  });
};

/** The old file goes first, as where a rename does not replace. */
export const withUnlinkBeforeRename: Wrap = (disk) =>
  replaced(disk, {
    rename: async (from, to) => {
      await disk.unlink(to).catch(() => {});
      await disk.rename(from, to);
    },
  });

/** The old file is moved away to keep it. */
export const withMovedOldFile: Wrap = (disk) =>
  replaced(disk, { link: (from, to) => disk.rename(from, to) });

/** No temporary: the old contents are written over. */
export const inPlaceSaver: Saver = async (disk, n) => {
  const file = await disk.openInPlace(PATH);
  const bytes = version(n);
  for (let at = 0; at < bytes.length; at += 11) await file.write(bytes.subarray(at, at + 11));
  await file.sync();
  await file.close();
  const folder = await disk.openFolder();
  await folder.sync();
  await folder.close();
};

/** A correct saver that deletes no temporaries of others. */
export const withoutCleaning: Saver = atomicSaver(0, (disk) =>
  replaced(disk, { readdir: async () => [] }),
);
