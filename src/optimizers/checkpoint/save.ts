import { wrongKind } from "../../errors.ts";
import type { ByteSink } from "../../state/bytes.ts";
import { writeCheckpoint } from "../../state/checkpoint-file/write-checkpoint.ts";
import type { Progress } from "../../state/progress.ts";
import { knownKeys, optionObject, wholeNumberBetween } from "../../validate.ts";
import type { Internals } from "./internals.ts";
import { stateOf } from "./state-of.ts";
import { tensorsOf } from "./tensors-of.ts";

/** How a checkpoint is saved. */
export interface SaveOptions {
  /** Called as bytes are written. */
  readonly onProgress?: (progress: Progress) => void;
  /** How many older files to keep beside a path: NAME.1, NAME.2, ... Default 0. */
  readonly keep?: number;
}

/** @throws TypeError, RangeError for a wrong option */
export function readSaveOptions(options: SaveOptions): SaveOptions & { readonly keep: number } {
  const where = "save";
  knownKeys(optionObject(options, "options", where), ["onProgress", "keep"], where);
  const { onProgress, keep = 0 } = options;
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw wrongKind("onProgress", where, "a function ({ bytes, total }) => void", onProgress);
  }
  wholeNumberBetween(keep, 0, MOST_KEPT, "keep", where);
  return { ...(onProgress ? { onProgress } : {}), keep };
}

const MOST_KEPT = 999;

/** Writes a checkpoint; whatever fails, what the sink's place held before stays. */
export async function saveTo(
  open: () => Promise<ByteSink>,
  internals: Internals,
  onProgress?: (progress: Progress) => void,
): Promise<void> {
  const contents = { state: JSON.stringify(stateOf(internals)), tensors: tensorsOf(internals) };
  await writeTo(open, (sink) => writeCheckpoint(sink, contents, onProgress));
}

/** Opens a sink, writes and closes it; whatever fails, what its place held before stays. */
export async function writeTo(
  open: () => Promise<ByteSink>,
  write: (sink: ByteSink) => Promise<void>,
): Promise<void> {
  const sink = await open();
  try {
    await write(sink);
    await sink.close();
  } catch (cause) {
    await sink.abort(cause);
    throw cause;
  }
}
