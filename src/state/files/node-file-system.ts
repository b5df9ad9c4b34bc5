import type {
  FileStatus,
  FileSystem,
  OpenFile,
  OpenFolder,
  Paths,
  SaverProcess,
} from "./file-system.ts";
import { codeOf } from "./file-system.ts";

// The file system of Node, Deno and Bun. Its modules are asked for at run time, so that a bundler for
// browsers sees no import.

interface NodeStats {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  readonly size: bigint;
  readonly mode: bigint;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly mtimeMs: bigint;
  readonly ctimeMs: bigint;
}

/** A system's numbers of files need not fit in 53 bits. */
type Exact = { readonly bigint: true };
const EXACT: Exact = { bigint: true };

interface NodeFileHandle {
  write(bytes: Uint8Array): Promise<{ bytesWritten: number }>;
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): Promise<{ bytesRead: number }>;
  stat(options: Exact): Promise<NodeStats>;
  chmod(mode: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

interface NodeFs {
  readonly promises: {
    open(path: string, flags: string, mode?: number): Promise<NodeFileHandle>;
    lstat(path: string, options: Exact): Promise<NodeStats>;
    readlink(path: string): Promise<string>;
    realpath(path: string): Promise<string>;
    readdir(path: string): Promise<string[]>;
    rename(from: string, to: string): Promise<void>;
    link(from: string, to: string): Promise<void>;
    unlink(path: string): Promise<void>;
  };
}

interface NodeProcess {
  readonly pid: number;
  readonly platform: string;
  uptime(): number;
  kill(pid: number, signal: 0): unknown;
  getBuiltinModule?(name: string): unknown;
}

interface Modules {
  readonly fs: NodeFs;
  readonly path: Paths;
  readonly os: { hostname(): string };
  readonly url: { fileURLToPath(url: string): string };
}

const nodeProcess = () => (globalThis as { process?: NodeProcess }).process;

function builtin<Name extends keyof Modules>(name: Name): Modules[Name] | undefined {
  return nodeProcess()?.getBuiltinModule?.(`node:${name}`) as Modules[Name] | undefined;
}

/** Undefined where there are no paths: in browsers. */
export function nodeFileSystem(): FileSystem | undefined {
  const process = nodeProcess();
  const fs = builtin("fs")?.promises;
  const paths = builtin("path");
  if (!process || !fs || !paths) return undefined;
  return {
    paths,
    process: saverProcess(process),
    open: async (path, flags, mode) => openFile(await fs.open(path, flags, mode)),
    openFolder: async (path) =>
      // Windows has no such thing for folders; NTFS keeps a journal of names by itself.
      process.platform === "win32" ? NO_FOLDER : openFolder(await fs.open(path, "r")),
    status: async (path) => statusOf(await fs.lstat(path, EXACT)),
    readlink: (path) => fs.readlink(path),
    realpath: (path) => fs.realpath(path),
    readdir: (path) => fs.readdir(path),
    rename: (from, to) => fs.rename(from, to),
    link: (from, to) => fs.link(from, to),
    unlink: (path) => fs.unlink(path),
  };
}

/** The path of a file: URL, where there is a file system. */
export function pathOfFileURL(url: URL): string {
  return (builtin("url") as Modules["url"]).fileURLToPath(url.href);
}

function openFile(handle: NodeFileHandle): OpenFile {
  return {
    write: async (bytes) => (await handle.write(bytes)).bytesWritten,
    read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
    status: async () => statusOf(await handle.stat(EXACT)),
    chmod: (mode) => handle.chmod(mode),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

const NO_FOLDER: OpenFolder = { sync: async () => {}, close: async () => {} };

/** What file systems say that cannot sync a folder, some network ones; nothing is to be done. */
const CANNOT_SYNC = new Set<unknown>(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

function openFolder(handle: NodeFileHandle): OpenFolder {
  return {
    async sync() {
      try {
        await handle.sync();
      } catch (error) {
        if (!CANNOT_SYNC.has(codeOf(error))) throw error;
      }
    },
    close: () => handle.close(),
  };
}

function statusOf(stats: NodeStats): FileStatus {
  const { dev, ino, size, mode, mtimeMs, ctimeMs } = stats;
  return {
    kind: kindOf(stats),
    size: Number(size),
    mode: Number(mode) & 0o777,
    identity: ino === 0n ? null : `${dev}:${ino}`,
    changed: Math.max(Number(mtimeMs), Number(ctimeMs)),
  };
}

function kindOf(stats: NodeStats): FileStatus["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  return stats.isSymbolicLink() ? "link" : "other";
}

function saverProcess(process: NodeProcess): SaverProcess {
  return {
    host: hash(builtin("os")?.hostname() ?? ""),
    pid: process.pid,
    started: Date.now() - 1000 * process.uptime(),
    isAlive(pid) {
      try {
        process.kill(pid, 0);
        return true;
      } catch (error) {
        // Anything else, such as EPERM, says that there is one or that it cannot be known.
        return codeOf(error) !== "ESRCH";
      }
    },
  };
}

/** FNV-1a of the text's code units, as eight hex digits. */
function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, "0");
}
