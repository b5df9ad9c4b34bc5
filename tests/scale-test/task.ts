import type { OwnedRun } from "../../src/sharded/index.ts";
import type { Problem } from "./problem.ts";

/** In which exchange of a step a rank dies: while gradients are summed, or weights given back. */
export type Place = "sums" | "weights";

/** What the ranks do over one collective. */
export interface Task {
  readonly problem: Problem;
  /** Of the whole run. */
  readonly steps: number;
  /** A checkpoint to go on from; null begins anew. */
  readonly from: string | null;
  /** After how many steps all of them save, and where. */
  readonly save: { readonly at: number; readonly folder: string } | null;
  /** Who dies in which step, counted from 1. */
  readonly victim: { readonly rank: number; readonly step: number; readonly place: Place } | null;
}

export interface Job {
  readonly tasks: readonly Task[];
  /** Milliseconds after which a rank that says nothing is lost. */
  readonly timeout: number;
}

/** A task that is done. */
export interface Done {
  readonly kind: "done";
  readonly rank: number;
  readonly digest: string;
  /** Steps that a checkpoint brought. */
  readonly loaded: number;
  /** Elements that the rank owns. */
  readonly owned: number;
  /** Linear memory of its shard; and with all weights and gradients. */
  readonly shardBytes: number;
  readonly bytes: number;
  /** Bytes given to others in the mean of its steps: of ranges; and all that the engine counts. */
  readonly sent: number;
  readonly wire: number | null;
}

/** A task that another rank's end has ended. */
export interface Lost {
  readonly kind: "lost";
  readonly rank: number;
  readonly code: string;
  /** Whom the error names. */
  readonly about: number | null;
  readonly message: string;
  readonly steps: number;
  readonly owned: readonly OwnedRun[];
  /** SHA-256 of the weights that this rank owns. */
  readonly shard: string;
  /** What a step says that is tried again. */
  readonly again: string;
  /** Milliseconds of the clock. */
  readonly at: number;
}

export type Report = Done | Lost;
