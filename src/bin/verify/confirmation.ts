import type { StepDifference, Value } from "../compare/step-difference.ts";
import type { ComparedSteps } from "../compare/walk.ts";
import type { Difference } from "../diff/state-differences.ts";
import type { Ending } from "../ledger-file.ts";

export interface VerifyOptions {
  /** A module that gives the gradients. */
  readonly gradients: string | undefined;
  /** The checkpoint to begin with, in place of the one that the ledger names. */
  readonly start: string | undefined;
  /** Whether learning rates are the ledger's, which are then not verified. */
  readonly recordedLr: boolean;
}

/** What a replay found. In values, a is recorded and b replayed. */
export interface Confirmation {
  readonly class: string;
  /** What gave the gradients, for people. */
  readonly gradients: string;
  /** Options whose functions the checkpoint's answers stood in for. */
  readonly standIns: readonly string[];
  /** Whether learning rates were the ledger's, and not verified. */
  readonly recordedLr: boolean;
  /** What recorded it beside what replayed it, where that is not the same: no difference. */
  readonly recorders: readonly Difference[];
  readonly options: readonly Difference[];
  readonly parameterCount: number;
  /** Steps that were confirmed; null for none. */
  readonly confirmed: ComparedSteps | null;
  readonly start: readonly Value[];
  /** The first step that is not the same. */
  readonly first: StepDifference | null;
  readonly end: readonly Value[];
  /** At the end; null where the ledger does not say it, or it was not confirmed. */
  readonly digest: string | null;
  /** Null where it was not read to its end. */
  readonly ending: Ending | null;
  /** What it needs to go on, and is not there; null for nothing. */
  readonly reason: string | null;
}
