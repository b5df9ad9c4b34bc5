import type { FileHandle } from "../files/file-handle.ts";
import type { IndexedDBFile } from "../files/indexed-db.ts";

/**
 * Where a checkpoint can go: a path or file: URL (Node, Deno, Bun), a stream, a file of the browser
 * (its private ones, or one that somebody picked), or what `indexedDBFile` makes.
 */
export type SaveTarget = string | URL | WritableStream<Uint8Array> | FileHandle | IndexedDBFile;
