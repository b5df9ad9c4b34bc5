import type { StepScalars } from "../core/step-scalars.ts";
import type { NamedParameter } from "../parameters/named.ts";
import type { Creation } from "./checkpoint/creation.ts";
import type { Settings } from "./options.ts";
import type { ParamGroup } from "./param-group.ts";
import type { ScalarInputs } from "./scalars.ts";

/** A param group and the parameters that it was given. */
export interface GroupMembers {
  readonly group: ParamGroup;
  readonly parameters: readonly NamedParameter[];
}

/** What a member of the family hands to the common machinery. */
export interface Blueprint {
  /** The class, for digests and messages. */
  readonly className: string;
  readonly members: readonly GroupMembers[];
  /** How it was made, for checkpoints. */
  readonly creation: Creation;
  readonly settings: Settings;
  /**
   * "parameter": bias correction counts each parameter's own updates, and a parameter without a
   * gradient stands still. "global": one count for all (MindFormers), and every parameter needs a
   * gradient in every step.
   */
  readonly counting: "parameter" | "global";
  /** The one thing that tells the members of the family apart. */
  readonly scalars: (inputs: ScalarInputs, out: StepScalars) => StepScalars;
}
