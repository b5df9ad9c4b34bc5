import { Accumulation } from "../../gradients/accumulate.ts";
import type { Internals } from "../../optimizers/checkpoint/internals.ts";
import type { ShardedRun } from "../sharded-run.ts";
import type { ShardedStepper } from "../stepper.ts";

/** A sharded optimizer as one rank has it. */
export interface Held {
  readonly run: ShardedRun;
  readonly stepper: ShardedStepper;
}

/** What checkpoints of one process know an optimizer by, of one rank's shard. It has no sums that wait. */
export function internalsOf({ run, stepper }: Held): Internals {
  const { rule, groups, entries, shard } = run;
  return {
    rule,
    groups,
    entries,
    slabs: shard.slabs,
    stepper: {
      steps: stepper.steps,
      average: false,
      sums: new Accumulation(),
      restore: (steps) => stepper.restore(steps),
    },
  };
}
