import { OutOfMemoryError, printable } from "../../errors.ts";
import { codeOf } from "./file-system.ts";

/**
 * An error of storage: what was tried, why it failed and what remains. `code` is the system's, such
 * as "ENOSPC", where there is one; `cause` is the error itself.
 */
export function storageError(what: string, cause: unknown, outcome = ""): Error {
  // Not the storage's.
  if (cause instanceof OutOfMemoryError) return cause;
  const reason = printable(reasonOf(cause).replace(/\.?\s*$/, ""));
  const error = new Error(`${what}: ${reason}${outcome && `. ${outcome}`}`, { cause });
  const code = codeOf(cause);
  return code === undefined ? error : Object.assign(error, { code });
}

/** The same about a path, which it carries as `path`. */
export function fileError(what: string, path: string, cause: unknown, outcome?: string): Error {
  return Object.assign(storageError(what, cause, outcome), { path });
}

/** A refusal of ours with the code that the system would give. */
export function refusal(code: string, why: string): Error {
  return Object.assign(new Error(`${code}: ${why}`), { code });
}

/** A path in a message: all of it. */
export const quoted = (path: string) => `"${printable(path)}"`;

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // A DOMException says what it is in its name only: QuotaExceededError.
  const named = cause.name === "Error" || codeOf(cause) !== undefined;
  return named ? cause.message : `${cause.name}: ${cause.message}`;
}
