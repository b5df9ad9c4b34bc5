import type { Slabs } from "../../core/slabs.ts";
import type { Accumulation } from "../../gradients/accumulate.ts";
import type { Blueprint } from "../blueprint.ts";
import type { Entry } from "../entry.ts";
import type { ParamGroup } from "../param-group.ts";

/** What a checkpoint has of whoever applies the steps. */
export interface Counters {
  /** Steps applied. */
  readonly steps: number;
  /** Whether the step that takes the sums divides them by the number of micro-batches. */
  readonly average: boolean;
  /** Sums of micro-batches that no step has taken yet. */
  readonly sums: Accumulation;
  restore(steps: number, average: boolean): void;
}

/** What of an optimizer goes into checkpoints and comes from them. */
export interface Internals {
  readonly rule: Omit<Blueprint, "members">;
  readonly groups: readonly ParamGroup[];
  readonly entries: readonly Entry[];
  readonly slabs: Slabs;
  readonly stepper: Counters;
}
