import { wrongKind, wrongValue } from "../../errors.ts";
import type { FileSystem } from "./file-system.ts";
import { nodeFileSystem, pathOfFileURL } from "./node-file-system.ts";

/** Names an argument in messages. */
export interface Argument {
  readonly what: string;
  readonly where: string;
  readonly allowed: string;
}

/** Whether a value is a path, or a URL, which may be one. */
export function isPathLike(value: unknown): value is string | URL {
  return typeof value === "string" || isURL(value);
}

/** Whether a value is a URL, of this realm or another. */
export function isURL(value: unknown): value is URL {
  return Object.prototype.toString.call(value) === "[object URL]";
}

/** The file system and the path in it. Throws where there is no path, or no paths at all. */
export function findPath(
  value: string | URL,
  { what, where, allowed }: Argument,
): { fs: FileSystem; path: string } {
  if (isURL(value) && value.protocol !== "file:") {
    const got = `a ${value.protocol} URL`;
    throw new TypeError(`"${what}" of ${where}: expected ${allowed}, got ${got}`);
  }
  if (typeof value === "string" && /^[a-z][a-z\d+.-]+:\/\//i.test(value)) {
    const remedy = "A string is a path; for a URL, give new URL(...)";
    throw wrongKind(what, where, allowed, value, remedy);
  }
  const fs = nodeFileSystem();
  if (!fs) {
    const remedy = "This engine has no files by path";
    throw wrongKind(what, where, allowed, value, remedy);
  }
  const path = isURL(value) ? pathOfFileURL(value) : value;
  if (path === "" || path.includes("\0")) throw wrongValue(what, where, "a path", path);
  return { fs, path };
}
