import { sideOf } from "../compare/step-difference.ts";
import type { InputFile } from "../input-file.ts";
import { recordsOf } from "../ledger-file.ts";
import type { Confirmation, VerifyOptions } from "./confirmation.ts";
import { Verification } from "./verification.ts";

/** What came of it, the first that fits. */
export type Verified =
  /** Every line is what the replay has. */
  | "same"
  /** The checkpoint has another state than the ledger began with. */
  | "start"
  /** The checkpoint has other options. */
  | "options"
  /** Another learning rate or loss scale. */
  | "settings"
  /** The gradients are not those of the run. */
  | "gradients"
  /** Another outcome of the same settings and gradients. */
  | "optimizer"
  /** The same up to where something is missing: `reason` says what. */
  | "unfinished";

/** All that `ashlar verify` says: the JSON as it is. */
export interface VerifyReport extends Confirmation {
  readonly file: string;
  /** null: cannot tell. */
  readonly same: boolean | null;
  readonly verdict: Verified;
}

/** @throws ToolError for what cannot be read or replayed; CheckpointError; errors of the system */
export async function report(
  input: InputFile,
  options: VerifyOptions,
  onBytes: (count: number) => void,
): Promise<VerifyReport> {
  const verification = new Verification(input.path, options);
  try {
    let whole = true;
    for await (const record of recordsOf(input, onBytes)) {
      whole = await verification.take(record);
      if (!whole) break;
    }
    const found = { ...verification.found, ...(whole ? {} : { ending: null }) };
    const verdict = verdictOf(found);
    const same = verdict === "unfinished" ? null : verdict === "same";
    return { file: input.path, same, verdict, ...found };
  } finally {
    await verification.close();
  }
}

function verdictOf({ start, options, first, end, reason }: Confirmation): Verified {
  if (start.length > 0) return "start";
  if (options.length > 0) return "options";
  if (first) return sideOf(first);
  if (end.length > 0) return "optimizer";
  return reason === null ? "same" : "unfinished";
}
