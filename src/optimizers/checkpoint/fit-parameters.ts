import { mismatch, show, showShape } from "../../errors.ts";
import { CheckpointError, type CheckpointReason } from "../../state/checkpoint-error.ts";
import type { Entry } from "../entry.ts";
import type { SavedParameter } from "./saved-state.ts";

/** Which parameters go on from the checkpoint, and which do not. */
export interface Fit {
  readonly pairs: readonly { readonly entry: Entry; readonly saved: SavedParameter }[];
  readonly missing: readonly string[];
  readonly unused: readonly string[];
}

const SHOWN = 3;

/**
 * Matches parameters by name.
 *
 * @param strict whether all must match
 * @throws CheckpointError MISSING_PARAMETER, UNUSED_PARAMETER, WRONG_SHAPE
 */
export function fitParameters(
  entries: readonly Entry[],
  saved: readonly SavedParameter[],
  strict: boolean,
): Fit {
  const byName = new Map(saved.map((parameter) => [parameter.name, parameter]));
  const pairs: { entry: Entry; saved: SavedParameter }[] = [];
  const missing: string[] = [];
  for (const entry of entries) {
    const of = byName.get(entry.name);
    const fits = of !== undefined && sameShape(of.shape, entry.shape);
    if (of && !fits && strict) throw wrongShape(entry, of);
    if (fits) pairs.push({ entry, saved: of });
    else missing.push(entry.name);
  }
  const used = new Set(pairs.map(({ saved: { name } }) => name));
  const unused = saved.map(({ name }) => name).filter((name) => !used.has(name));
  if (strict && missing.length > 0) {
    throw incomplete("MISSING_PARAMETER", "the checkpoint", missing, unused);
  }
  if (strict && unused.length > 0) {
    throw incomplete("UNUSED_PARAMETER", "the optimizer", unused, missing);
  }
  return { pairs, missing, unused };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function wrongShape(entry: Entry, { shape }: SavedParameter): CheckpointError {
  const where = `parameter ${show(entry.name)}`;
  const [expected, got] = [entry.shape, shape].map(showShape);
  return new CheckpointError(
    "WRONG_SHAPE",
    mismatch("shape", where, `${expected}, the optimizer's`, `${got} in the checkpoint`),
  );
}

function incomplete(
  reason: CheckpointReason,
  where: string,
  lacking: readonly string[],
  over: readonly string[],
): CheckpointError {
  const names = (list: readonly string[]) => {
    const more = list.length > SHOWN ? ` and ${list.length - SHOWN} more` : "";
    return list.slice(0, SHOWN).map(show).join(", ") + more;
  };
  const renamed = over.length > 0 ? `; ${names(over)} instead, which may be a new name` : "";
  return new CheckpointError(
    reason,
    mismatch(
      "parameters",
      where,
      names(lacking),
      `none of ${lacking.length > 1 ? "them" : "it"}${renamed}`,
      "strict: false loads what fits",
    ),
  );
}
