import { mismatch, wrongKind } from "../../errors.ts";
import { refuseDetached } from "../../validate.ts";
import type { ByteReader } from "../bytes.ts";
import { quoted, storageError } from "../files/file-error.ts";
import { isFileHandle } from "../files/file-handle.ts";
import { findPath, isPathLike, isURL } from "../files/find-path.ts";
import { IndexedDBFile } from "../files/indexed-db.ts";
import { blobReader } from "./blob-reader.ts";
import { bytesReader } from "./bytes-reader.ts";
import { fileReader } from "./file-reader.ts";
import { indexedDBReader } from "./indexed-db-reader.ts";
import type { LoadSource } from "./load-source.ts";
import { responseReader, urlReader } from "./response-reader.ts";
import { streamReader } from "./stream-reader.ts";

export type { LoadSource } from "./load-source.ts";

const ALLOWED =
  "a path, a URL, a Uint8Array, an ArrayBuffer, a Blob, a ReadableStream, a Response, " +
  "a FileSystemFileHandle or an indexedDBFile";
const FETCHED = ["http:", "https:", "blob:", "data:"];

/** Opens what is to be read. The caller closes the reader. */
export async function openSource(source: LoadSource): Promise<ByteReader> {
  if (isPathLike(source)) {
    if (isURL(source) && FETCHED.includes(source.protocol)) return urlReader(source);
    const { fs, path } = findPath(source, { what: "source", where: "load", allowed: ALLOWED });
    return fileReader(fs, path);
  }
  if (source instanceof IndexedDBFile) return indexedDBReader(source);
  if (isFileHandle(source)) {
    const title = `the file ${quoted(source.name)}`;
    const file = await source.getFile().catch((error) => {
      throw storageError(`load from ${title} failed`, error);
    });
    return blobReader(file, title);
  }
  switch (Object.prototype.toString.call(source).slice(8, -1)) {
    case "Uint8Array":
      refuseDetached(source as Uint8Array, ALLOWED, "source", "load");
      return bytesReader(source as Uint8Array);
    case "ArrayBuffer":
    case "SharedArrayBuffer":
      return bytesReader(bytesOf(source as ArrayBuffer));
    case "Blob":
    case "File":
      return blobReader(source as Blob);
    case "Response":
      return responseReader(source as Response);
  }
  if (isReadableStream(source)) {
    if (source.locked)
      throw new TypeError(`"source" of load: expected a free stream, got a locked one`);
    return streamReader(source);
  }
  throw wrongKind("source", "load", ALLOWED, source, remedyFor(source));
}

/** @throws TypeError for a buffer that was transferred */
function bytesOf(buffer: ArrayBuffer): Uint8Array {
  try {
    return new Uint8Array(buffer);
  } catch (cause) {
    const got = "a detached one. It was transferred";
    throw new TypeError(mismatch("source", "load", ALLOWED, got), { cause });
  }
}

function isReadableStream(value: unknown): value is ReadableStream<Uint8Array> {
  return typeof (value as Partial<ReadableStream> | null)?.getReader === "function";
}

function remedyFor(source: unknown): string | undefined {
  if (ArrayBuffer.isView(source)) return "Give its bytes as a Uint8Array";
  const { pipe, read } = (source ?? {}) as { pipe?: unknown; read?: unknown };
  const isNodeStream = typeof pipe === "function" && typeof read === "function";
  return isNodeStream ? "Readable.toWeb of node:stream makes a ReadableStream of it" : undefined;
}
