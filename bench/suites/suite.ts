import type { Context } from "../harness/context.ts";
import type { Cores } from "../harness/cores.ts";
import type { Case } from "../report/result.ts";

/** Benchmarks of one subject, run by name. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  /** Where it runs: see useCores. */
  readonly cores: Cores;
  run(context: Context): Promise<Case[]>;
}

/** `per` of a contender whose unit is MILLISECONDS. */
export const PER_MILLISECOND = 1e6;

export const KI = 1024;
export const MI = 1024 * 1024;
