import type { FileStatus, FileSystem, SaverProcess } from "./file-system.ts";

// Names of the files that a save writes before they get their own: `.NAME.HOST-PID-RANDOM.tmp`, beside
// NAME, as a rename is atomic within one folder only.

const TAIL = /^([0-9a-f]{8})-([1-9]\d*)-[0-9a-f]{8}\.tmp$/;
/** Milliseconds after which a temporary of a process that cannot be asked about is given up. */
const ABANDONED = 24 * 60 * 60 * 1000;
/** Coarse clocks of file systems: FAT counts in steps of two seconds. */
const CLOCK_STEP = 2000;

/** Paths that this thread is writing to. */
const inUse = new Set<string>();

/** A path for a new temporary, marked as in use. */
export function claimTemporary(fs: FileSystem, folder: string, name: string): string {
  const { host, pid } = fs.process;
  const random = crypto.getRandomValues(new Uint32Array(1))[0] as number;
  const tail = `${host}-${pid}-${random.toString(16).padStart(8, "0")}`;
  const path = fs.paths.join(folder, `.${name}.${tail}.tmp`);
  inUse.add(path);
  return path;
}

export function releaseTemporary(path: string): void {
  inUse.delete(path);
}

/**
 * Deletes what earlier saves of this name left behind when they were killed. What another save may
 * be writing stays. Best effort: a save does not fail for it.
 */
export async function deleteStaleTemporaries(
  fs: FileSystem,
  folder: string,
  name: string,
  now = Date.now(),
): Promise<void> {
  const names = await fs.readdir(folder).catch(() => []);
  for (const found of names) {
    const start = `.${name}.`;
    if (!found.startsWith(start)) continue;
    const [, host, pid] = TAIL.exec(found.slice(start.length)) ?? [];
    const path = fs.paths.join(folder, found);
    if (host === undefined || inUse.has(path)) continue;
    try {
      const status = await fs.status(path);
      if (status.kind !== "file" || !isStale(fs.process, host, Number(pid), status, now)) continue;
      await fs.unlink(path);
    } catch {
      // Another save has deleted it, or it is not ours to delete.
    }
  }
}

function isStale(
  self: SaverProcess,
  host: string,
  pid: number,
  { changed }: FileStatus,
  now: number,
): boolean {
  if (now - changed > ABANDONED) return true;
  // On a shared folder only its own machine knows whether the saver lives.
  if (host !== self.host) return false;
  // In a container each run may have the same id: older than this process is not this process's.
  // What is younger may be another thread's.
  if (pid === self.pid) return changed < self.started - CLOCK_STEP;
  return !self.isAlive(pid);
}
