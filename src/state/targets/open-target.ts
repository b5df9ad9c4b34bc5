import { wrongKind, wrongValue } from "../../errors.ts";
import { wholeNumberBetween } from "../../validate.ts";
import type { ByteSink } from "../bytes.ts";
import { AtomicFile } from "../files/atomic-file.ts";
import { isFileHandle } from "../files/file-handle.ts";
import { findPath, isPathLike } from "../files/find-path.ts";
import { IndexedDBFile } from "../files/indexed-db.ts";
import { fileHandleSink } from "./file-handle-sink.ts";
import { indexedDBSink } from "./indexed-db-sink.ts";
import type { SaveTarget } from "./save-target.ts";
import { streamSink } from "./stream-sink.ts";

export type { SaveTarget } from "./save-target.ts";

export interface TargetOptions {
  /** How many older versions of a file stay, as PATH.1, PATH.2 and so on. Paths only; default 0. */
  readonly keep?: number;
}

const ALLOWED = "a path, a file: URL, a WritableStream, a FileSystemFileHandle or an indexedDBFile";
const MOST_VERSIONS = 999;

/** Opens what is to be written. What is there now stays as it is until the sink is closed. */
export async function openTarget(
  target: SaveTarget,
  { keep = 0 }: TargetOptions = {},
): Promise<ByteSink> {
  wholeNumberBetween(keep, 0, MOST_VERSIONS, "keep", "save");
  if (isPathLike(target)) {
    const { fs, path } = findPath(target, { what: "target", where: "save", allowed: ALLOWED });
    return AtomicFile.open(fs, path, keep);
  }
  if (keep > 0) throw wrongValue("keep", "save", "0, as only paths have older versions", keep);
  if (target instanceof IndexedDBFile) return indexedDBSink(target);
  if (isFileHandle(target)) return fileHandleSink(target);
  if (isWritableStream(target)) {
    if (target.locked)
      throw new TypeError(`"target" of save: expected a free stream, got a locked one`);
    return streamSink(target);
  }
  throw wrongKind("target", "save", ALLOWED, target, remedyFor(target));
}

function isWritableStream(value: unknown): value is WritableStream<Uint8Array> {
  return typeof (value as Partial<WritableStream> | null)?.getWriter === "function";
}

function remedyFor(target: unknown): string | undefined {
  const { pipe, write } = (target ?? {}) as { pipe?: unknown; write?: unknown };
  const isNodeStream = typeof pipe === "function" && typeof write === "function";
  return isNodeStream ? "Writable.toWeb of node:stream makes a WritableStream of it" : undefined;
}
