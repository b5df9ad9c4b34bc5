import type { Slabs } from "../../core/slabs.ts";
import type { Blueprint } from "../blueprint.ts";
import type { Entry } from "../entry.ts";
import type { ParamGroup } from "../param-group.ts";
import type { Stepper } from "../stepper.ts";

/** What of an optimizer goes into checkpoints and comes from them. */
export interface Internals {
  readonly rule: Omit<Blueprint, "members">;
  readonly groups: readonly ParamGroup[];
  readonly entries: readonly Entry[];
  readonly slabs: Slabs;
  readonly stepper: Stepper;
}
