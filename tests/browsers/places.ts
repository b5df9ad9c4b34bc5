import { type IndexedDBFile, indexedDBFile } from "../../src/index.ts";
import { inWorker } from "./result.ts";

/** A place of the browser that keeps files: saves replace what it has. */
export interface Place {
  readonly name: string;
  readonly target: FileSystemFileHandle | IndexedDBFile;
  /** All bytes that are there now. */
  bytes(): Promise<Uint8Array>;
}

/** A file of the origin's private ones. */
export async function privateFile(name: string): Promise<FileSystemFileHandle> {
  const folder = await navigator.storage.getDirectory();
  return folder.getFileHandle(name, { create: true });
}

/** The handle as older Safaris have it: without `createWritable`. */
export function olderHandle(handle: FileSystemFileHandle): FileSystemFileHandle {
  return Object.defineProperty(handle, "createWritable", { value: undefined });
}

const filePlace = (name: string, target: FileSystemFileHandle): Place => ({
  name,
  target,
  bytes: async () => new Uint8Array(await (await target.getFile()).arrayBuffer()),
});

/** All places that this thread can save to. */
export async function placesNamed(key: string): Promise<Place[]> {
  const record = indexedDBFile({ key });
  return [
    filePlace("OPFS, createWritable", await privateFile(`${key}.safetensors`)),
    ...(inWorker
      ? [filePlace("OPFS, in place", olderHandle(await privateFile(`${key}.older.safetensors`)))]
      : []),
    { name: "IndexedDB", target: record, bytes: () => bytesOf(record) },
  ];
}

async function bytesOf(record: IndexedDBFile): Promise<Uint8Array> {
  const { value, close } = await record.get();
  try {
    return new Uint8Array(await (value as Blob).arrayBuffer());
  } finally {
    close();
  }
}
