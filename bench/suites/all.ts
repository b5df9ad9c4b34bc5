import { endtoend } from "./endtoend.ts";
import { many } from "./many.ts";
import { amsgrad, clip, precision } from "./options.ts";
import { size } from "./size.ts";
import { spacing } from "./spacing.ts";
import { sparse } from "./sparse.ts";
import { startup } from "./startup.ts";
import { step } from "./step.ts";
import type { Suite } from "./suite.ts";
import { threads } from "./threads.ts";

/** In the order in which they run. */
export const SUITES: readonly Suite[] = [
  size,
  startup,
  step,
  precision,
  clip,
  amsgrad,
  sparse,
  many,
  spacing,
  threads,
  endtoend,
];
