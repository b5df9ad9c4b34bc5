import type { Outcome } from "../outcome.ts";

/** loading: the model and its files; waiting: for the other ranks. */
export type State = "loading" | "waiting" | "training" | "done" | "failed";

/** What the worker tells the page. */
export type FromWorker =
  | { readonly type: "state"; readonly state: Exclude<State, "done" | "failed"> }
  | { readonly type: "step"; readonly step: number; readonly loss: number }
  | { readonly type: "done"; readonly outcome: Outcome }
  | { readonly type: "failed"; readonly failure: Failure };

export interface Failure {
  readonly message: string;
  /** Of an AshlarError: RANK_LOST, RANKS_DIFFER, ... */
  readonly code: string | null;
  /** Of a RankError: whom it is about. */
  readonly rank: number | null;
  /** Steps done until then. */
  readonly steps: number;
}
