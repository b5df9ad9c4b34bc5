import {
  AdamW,
  CheckpointError,
  indexedDBFile,
  type LoadSource,
  type SaveTarget,
} from "../../src/index.ts";
import { fileURL } from "./files.ts";
import { olderHandle, privateFile } from "./places.ts";
import { inWorker, type Result, rejection, resultOf } from "./result.ts";

type Kind = new (...args: never[]) => Error;
type Row<Place> = [why: string, place: () => Promise<Place> | Place, kind: Kind, message: RegExp];

const NO_FILES = /got ".*m\.safetensors"\. This engine has no files by path$/;
const NO_FILE_URLS = /^"(target|source)" of .*This engine has no files by path$/;

const SAVES: Row<SaveTarget>[] = [
  ["a path", () => "out/m.safetensors", TypeError, NO_FILES],
  ["a file: URL", () => new URL("file:///m.safetensors"), TypeError, NO_FILE_URLS],
  ["an address as text", () => fileURL("m").href, TypeError, /for a URL, give new URL/],
  ["an http: URL", () => fileURL("m"), TypeError, /^"target" of save: .*got a http: URL$/],
  ...(inWorker
    ? []
    : [
        [
          "a file of an older Safari, not in a worker",
          async () => olderHandle(await privateFile("refused")),
          TypeError,
          /this browser writes to files in workers only\. Save in a worker, or to an indexedDBFile$/,
        ] as Row<SaveTarget>,
      ]),
];

const LOADS: Row<LoadSource>[] = [
  ["a path", () => "out/m.safetensors", TypeError, NO_FILES],
  ["a file: URL", () => new URL("file:///m.safetensors"), TypeError, NO_FILE_URLS],
  ["an address as text", () => fileURL("m").href, TypeError, /for a URL, give new URL/],
  ["nothing at a URL", () => fileURL("none"), Error, /none failed: 404 Not Found$/],
  ["no such record", () => indexedDBFile({ key: "none" }), Error, /failed: there is none$/],
  ["an empty file", () => privateFile("empty"), CheckpointError, /^"size" of the file: .* got 0\./],
  ["a deleted file", deletedFile, Error, /^load from the file "deleted" failed: NotFoundError: /],
];

async function deletedFile(): Promise<FileSystemFileHandle> {
  const handle = await privateFile("deleted");
  await (await navigator.storage.getDirectory()).removeEntry("deleted");
  return handle;
}

async function assertRefused(call: Promise<unknown>, kind: Kind, message: RegExp) {
  const error = await rejection("the call", call);
  if (error instanceof kind && message.test(error.message)) return { detail: String(error) };
  throw new Error(`expected a ${kind.name} like ${message}, got ${error}`);
}

/** What a browser cannot do is told in the documented words. */
export async function run(): Promise<Result[]> {
  const optimizer = await AdamW.create({ w: { shape: [4] } });
  const results: Result[] = [];
  for (const [why, target, kind, message] of SAVES) {
    const act = async () => assertRefused(optimizer.save(await target()), kind, message);
    results.push(await resultOf(`save to ${why}`, act));
  }
  for (const [why, source, kind, message] of LOADS) {
    const act = async () => assertRefused(AdamW.load(await source()), kind, message);
    results.push(await resultOf(`load ${why}`, act));
  }
  return results;
}
