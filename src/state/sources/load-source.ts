import type { FileHandle } from "../files/file-handle.ts";
import type { IndexedDBFile } from "../files/indexed-db.ts";

/**
 * Where a checkpoint can come from: a path or file: URL (Node, Deno, Bun), another URL, which is
 * fetched, bytes, a Blob or File, a stream, a response, a file of the browser, or what
 * `indexedDBFile` makes.
 */
export type LoadSource =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | SharedArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>
  | Response
  | FileHandle
  | IndexedDBFile;
