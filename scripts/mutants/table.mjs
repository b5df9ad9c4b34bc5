// All mutants, by subject.

import { FILE_MUTANTS } from "./files.mjs";
import { NATS_MUTANTS } from "./nats.mjs";
import { PLANNER_MUTANTS } from "./planner.mjs";
import { REDUCTION_MUTANTS } from "./reductions.mjs";
import { SCALAR_MUTANTS } from "./scalars.mjs";
import { SCHEDULE_MUTANTS } from "./schedules.mjs";
import { SHARDED_MUTANTS } from "./sharded.mjs";
import { UPDATE_MUTANTS } from "./update.mjs";

/** @type {readonly import("./mutant.mjs").Mutant[]} */
export const MUTANTS = [
  ...UPDATE_MUTANTS,
  ...REDUCTION_MUTANTS,
  ...PLANNER_MUTANTS,
  ...SCHEDULE_MUTANTS,
  ...SCALAR_MUTANTS,
  ...FILE_MUTANTS,
  ...SHARDED_MUTANTS,
  ...NATS_MUTANTS,
];
