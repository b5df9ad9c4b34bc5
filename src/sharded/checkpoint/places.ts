import { mismatch, show, wrongKind } from "../../errors.ts";
import { CheckpointError } from "../../state/checkpoint-error.ts";
import { findPath, isPathLike, isURL } from "../../state/files/find-path.ts";
import type { LoadSource } from "../../state/sources/open-source.ts";
import type { SaveTarget } from "../../state/targets/open-target.ts";
import { INDEX_FILE } from "./file-names.ts";

/**
 * Where the files of a sharded checkpoint go: a folder, by its path or file: URL (Node, Deno, Bun), or
 * a function that says for each file's name where it goes.
 */
export type ShardTarget =
  | string
  | URL
  | ((fileName: string) => SaveTarget | PromiseLike<SaveTarget>);

/**
 * Where they come from: a folder, the path of an index in one, or a function that says for each file's
 * name where it comes from. A single file that `save` of one process wrote: whatever AdamW.load takes.
 */
export type ShardSource = LoadSource | ((fileName: string) => LoadSource | PromiseLike<LoadSource>);

/** Says where a file of this name goes. @throws TypeError, RangeError */
export function placesIn(target: ShardTarget): (fileName: string) => Promise<SaveTarget> {
  if (typeof target === "function") return async (fileName) => target(fileName);
  const allowed = "a folder's path or file: URL, or a function of a file's name";
  const argument = { what: "target", where: "save", allowed };
  if (!isPathLike(target)) throw wrongKind(argument.what, argument.where, allowed, target);
  const { fs, path } = findPath(target, argument);
  return async (fileName) => fs.paths.join(path, fileName);
}

/** Where the files of a checkpoint come from. */
export interface Sources {
  /** The index, or a single file. */
  readonly index: LoadSource;
  /** @throws CheckpointError MISSING_SHARD where the source is one file, and no path */
  shard(fileName: string): Promise<LoadSource>;
}

/** @throws TypeError, RangeError */
export async function sourcesOf(source: ShardSource): Promise<Sources> {
  if (typeof source === "function") {
    return { index: await source(INDEX_FILE), shard: async (fileName) => source(fileName) };
  }
  const isElsewhere = isURL(source) && source.protocol !== "file:";
  if (!isPathLike(source) || isElsewhere) return { index: source, shard: refuseShard };
  const allowed = "a folder, a file, or a function of a file's name";
  const { fs, path } = findPath(source, { what: "source", where: "load", allowed });
  // What can't be looked at says so when it is opened.
  const kind = await fs.realpath(path).then(
    async (real) => (await fs.status(real)).kind,
    () => null,
  );
  const folder = kind === "folder" ? path : fs.paths.dirname(path);
  return {
    index: kind === "folder" ? fs.paths.join(path, INDEX_FILE) : path,
    shard: async (fileName) => fs.paths.join(folder, fileName),
  };
}

async function refuseShard(fileName: string): Promise<never> {
  const remedy = "Give load the folder, or a function of a file's name";
  throw new CheckpointError(
    "MISSING_SHARD",
    mismatch("source", "load", `all files of the checkpoint, ${show(fileName)} too`, "one", remedy),
  );
}
