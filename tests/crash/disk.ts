import { posix } from "node:path";
import type { FileStatus, FileSystem, OpenFile } from "../../src/state/files/file-system.ts";

// A disk of one folder that remembers what has not been synced, so that tests/crash/states.ts can tell
// what a power failure may leave of it.

export const FOLDER = "/data";

/** A file, whatever its names. */
export class Inode {
  /** What is on the disk: the contents at the last sync. */
  synced: Uint8Array;
  current: Uint8Array;
  mode: number;
  changed = Date.now();

  constructor(contents: Uint8Array, mode = 0o644) {
    this.synced = contents;
    this.current = contents;
    this.mode = mode;
  }
}

/** A change of names that has not been synced. Each pair is a name and what it means then. */
export interface Change {
  readonly call: string;
  readonly names: readonly (readonly [name: string, inode: Inode | null])[];
}

export interface DiskOptions {
  readonly pid?: number;
  /** Bytes that one write takes at most. */
  readonly mostBytes?: number;
  readonly hasLinks?: boolean;
  /** Is called after each call that can change anything. */
  readonly afterCall?: (call: string) => void;
}

export class SimulatedDisk implements FileSystem {
  readonly paths = posix;
  readonly process;
  /** Names on the disk. */
  readonly synced: Map<string, Inode>;
  /** Names as running programs see them. */
  readonly names: Map<string, Inode>;
  pending: Change[] = [];
  openFiles = 0;
  readonly #options: DiskOptions;

  /** @param files  contents by name; one array for several names is one file */
  constructor(files: ReadonlyMap<string, Uint8Array>, options: DiskOptions = {}) {
    const inodes = new Map(Array.from(files.values(), (bytes) => [bytes, new Inode(bytes)]));
    this.synced = new Map(Array.from(files, ([name, bytes]) => [name, inodes.get(bytes) as Inode]));
    this.names = new Map(this.synced);
    this.#options = options;
    const { pid = 1000 } = options;
    // After a crash nobody else is alive.
    this.process = {
      host: "0000beef",
      pid,
      started: Date.now(),
      isAlive: (other: number) => other === pid,
    };
  }

  /** The contents of a file as programs see them. */
  read(name: string): Uint8Array | undefined {
    return this.names.get(name)?.current;
  }

  async open(path: string, flags: "r" | "wx", mode = 0o666): Promise<OpenFile> {
    const name = posix.basename(path);
    let inode = this.names.get(name);
    if (flags === "r") {
      if (!inode) throw failure("ENOENT", "open");
    } else {
      if (inode) throw failure("EEXIST", "open");
      inode = new Inode(new Uint8Array(0), mode & ~0o022);
      this.#change("create", [[name, inode]]);
    }
    return this.#openFile(inode);
  }

  /** Opens a file to write over it, as a saver does that knows no better. */
  async openInPlace(path: string): Promise<OpenFile> {
    const name = posix.basename(path);
    const inode = this.names.get(name) ?? new Inode(new Uint8Array(0));
    if (!this.names.has(name)) this.#change("create", [[name, inode]]);
    inode.current = new Uint8Array(0);
    this.#called("truncate");
    return this.#openFile(inode);
  }

  async openFolder(): Promise<Pick<OpenFile, "sync" | "close">> {
    this.openFiles++;
    return {
      sync: async () => {
        for (const { names } of this.pending) apply(this.synced, names);
        this.pending = [];
        this.#called("sync of the folder");
      },
      close: async () => {
        this.openFiles--;
      },
    };
  }

  async status(path: string): Promise<FileStatus> {
    return statusOf(this.#inode(path, "stat"));
  }

  async readlink(): Promise<string> {
    throw failure("EINVAL", "readlink");
  }

  async realpath(path: string): Promise<string> {
    if (path === FOLDER) return path;
    throw failure("ENOENT", "realpath");
  }

  async readdir(): Promise<readonly string[]> {
    return [...this.names.keys()];
  }

  async rename(from: string, to: string): Promise<void> {
    const inode = this.#inode(from, "rename");
    const names = [posix.basename(from), posix.basename(to)] as const;
    // POSIX: two names of one file both stay.
    if (this.names.get(names[1]) === inode) return;
    this.#change("rename", [
      [names[1], inode],
      [names[0], null],
    ]);
  }

  async link(from: string, to: string): Promise<void> {
    if (this.#options.hasLinks === false) throw failure("EPERM", "link");
    const inode = this.#inode(from, "link");
    const name = posix.basename(to);
    if (this.names.has(name)) throw failure("EEXIST", "link");
    inode.changed = Date.now();
    this.#change("link", [[name, inode]]);
  }

  async unlink(path: string): Promise<void> {
    this.#inode(path, "unlink");
    this.#change("unlink", [[posix.basename(path), null]]);
  }

  #inode(path: string, call: string): Inode {
    const inode = this.names.get(posix.basename(path));
    if (!inode) throw failure("ENOENT", call);
    return inode;
  }

  #change(call: string, names: Change["names"]): void {
    apply(this.names, names);
    this.pending.push({ call, names });
    this.#called(call);
  }

  #called(call: string): void {
    this.#options.afterCall?.(call);
  }

  #openFile(inode: Inode): OpenFile {
    const { mostBytes = Number.POSITIVE_INFINITY } = this.#options;
    let at = 0;
    this.openFiles++;
    return {
      write: async (bytes) => {
        const part = bytes.subarray(0, Math.min(bytes.length, mostBytes));
        const grown = new Uint8Array(inode.current.length + part.length);
        grown.set(inode.current);
        grown.set(part, inode.current.length);
        inode.current = grown;
        this.#called("write");
        return part.length;
      },
      read: async (into, position) => {
        const part = inode.current.subarray(position ?? at).subarray(0, into.length);
        into.set(part);
        at = (position ?? at) + part.length;
        return part.length;
      },
      status: async () => statusOf(inode),
      chmod: async (mode) => {
        inode.mode = mode;
      },
      sync: async () => {
        inode.synced = inode.current;
        this.#called("sync");
      },
      close: async () => {
        this.openFiles--;
      },
    };
  }
}

export function apply(target: Map<string, Inode>, names: Change["names"]): void {
  for (const [name, inode] of names) {
    if (inode) target.set(name, inode);
    else target.delete(name);
  }
}

const numbers = new WeakMap<Inode, number>();
let count = 0;

function statusOf(inode: Inode): FileStatus {
  if (!numbers.has(inode)) numbers.set(inode, ++count);
  return {
    kind: "file",
    size: inode.current.length,
    mode: inode.mode,
    identity: `1:${numbers.get(inode)}`,
    changed: inode.changed,
  };
}

/** An error as Node makes it. */
export function failure(code: string, call: string): Error {
  return Object.assign(new Error(`${code}: as the test says, ${call}`), { code });
}
