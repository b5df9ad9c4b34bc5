// As much of a file system as saving and loading need. Node, Deno and Bun have it; tests have one that
// loses what a disk may lose. Calls fail with errors that carry the system's code, such as "ENOSPC".

export interface FileSystem {
  readonly paths: Paths;
  readonly process: SaverProcess;
  /** `wx` makes a new file and fails where there is one. */
  open(path: string, flags: "r" | "wx", mode?: number): Promise<OpenFile>;
  openFolder(path: string): Promise<OpenFolder>;
  /** Of the entry itself: a link is a link. */
  status(path: string): Promise<FileStatus>;
  /** What a link points to. */
  readlink(path: string): Promise<string>;
  /** Absolute, and without links. */
  realpath(path: string): Promise<string>;
  readdir(path: string): Promise<readonly string[]>;
  /** Replaces what is at `to`. */
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name, which must be free. */
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export interface OpenFile {
  /** Goes on where the last write ended. May take fewer bytes than it is given; says how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Returns how many bytes it read: 0 at the end. Without a position it goes on where it was. */
  read(into: Uint8Array, position: number | null): Promise<number>;
  status(): Promise<FileStatus>;
  chmod(mode: number): Promise<void>;
  /** Returns when the contents are on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A folder, open to be synced: only then its renames, links and new files are on the disk. */
export interface OpenFolder {
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileStatus {
  readonly kind: "file" | "folder" | "link" | "other";
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Equal for two names of one file; null where the system does not say. */
  readonly identity: string | null;
  /** When its contents or its names last changed, in milliseconds since 1970. */
  readonly changed: number;
}

/** What is used of node:path. */
export interface Paths {
  readonly sep: string;
  dirname(path: string): string;
  basename(path: string): string;
  join(...parts: string[]): string;
  resolve(...parts: string[]): string;
}

/** Who saves. */
export interface SaverProcess {
  /** Eight hex digits that tell machines apart: a process id means nothing on another one. */
  readonly host: string;
  readonly pid: number;
  /** When this process began, in milliseconds since 1970. */
  readonly started: number;
  /** Whether a process of this machine may be running. */
  isAlive(pid: number): boolean;
}

/** The code of a system's error, or undefined. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}
