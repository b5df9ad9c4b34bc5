import type { Difference } from "../diff/state-differences.ts";
import type { Ending, LedgerFile } from "../ledger-file.ts";
import { recorderDifferences } from "./configurations.ts";
import { sideOf } from "./step-difference.ts";
import { type Parting, walk } from "./walk.ts";

/** What came of it, the first that fits. */
export type Verdict =
  /** Other parameters, which cannot be held beside each other. */
  | "parameters"
  /** Other weights or moments before the first step, or where both were taken up again. */
  | "start"
  /** Configured differently; where a step parts, this may be why. */
  | "options"
  /** Another learning rate or loss scale, with the same options. */
  | "settings"
  /** Other gradients. */
  | "gradients"
  /** Another outcome of the same settings and gradients. */
  | "optimizer"
  /** The same as far as both go; the shorter one was closed. */
  | "length"
  /** The same as far as both go; the shorter one was never closed, or states were not compared. */
  | "unfinished"
  /** All that both say is the same, and they are as long as each other. */
  | "same";

/** All that `ashlar compare` says: the JSON as it is, of which the text shows the most. */
export interface CompareReport extends Omit<Parting, "ends" | "strides"> {
  readonly a: ComparedLedger;
  readonly b: ComparedLedger;
  /** null: cannot tell. */
  readonly same: boolean | null;
  readonly verdict: Verdict;
  /** What recorded them, where that is not the same: not a difference of the runs. */
  readonly recorders: readonly Difference[];
}

export interface ComparedLedger {
  readonly file: string;
  readonly class: string;
  readonly engine: string;
  readonly package: string;
  readonly threads: number;
  /** Where reading ended: a run may be taken up again with another one. */
  readonly stride: number;
  /** Steps applied before its first line. */
  readonly begins: number;
  /** Steps applied at the last line that was read: reading ends where they part. */
  readonly steps: number;
  /** How often the run was taken up again. */
  readonly resumed: number;
  /** Null where it was not read to its end. */
  readonly ending: Ending | null;
}

/** @throws ToolError for a damaged ledger; errors of the system */
export async function report(a: LedgerFile, b: LedgerFile): Promise<CompareReport> {
  const recorders = recorderDifferences(a.header, b.header);
  const { ends, strides, ...parting } = await walk(a, b);
  const verdict = verdictOf({ ends, strides, ...parting });
  const sides = {
    a: describe(a, ends.a, strides.a),
    b: describe(b, ends.b, strides.b),
  };
  return { ...sides, same: SAME[verdict], verdict, recorders, ...parting };
}

const SAME: Readonly<Record<Verdict, boolean | null>> = {
  parameters: null,
  start: false,
  options: false,
  settings: false,
  gradients: false,
  optimizer: false,
  length: false,
  unfinished: null,
  same: true,
};

function verdictOf(parting: Parting): Verdict {
  const { parameters, start, options, first, end, wholeStateAt } = parting;
  if (parameters) return "parameters";
  if (start.length > 0) return "start";
  const side = first && sideOf(first);
  // By other options a state may have parted unseen, and the gradients in consequence.
  const sameBefore = first !== null && wholeStateAt === first.step - 1;
  if (options.length > 0 && !(side === "gradients" && sameBefore)) return "options";
  if (side) return side;
  if (end.length > 0) return "optimizer";
  return lengths(parting);
}

function lengths({ ends, compared, statesCompared, wholeStateAt }: Parting): Verdict {
  // Of the longer one, reading ended at a step: it has no ending.
  if (ends.a === null || ends.b === null) {
    const shorter = ends.a ?? ends.b;
    const common = compared !== null || wholeStateAt !== null;
    return shorter === "closed" && common ? "length" : "unfinished";
  }
  const bothClosed = ends.a === "closed" && ends.b === "closed";
  return statesCompared || bothClosed ? "same" : "unfinished";
}

function describe(
  { path, header, steps, resumed }: LedgerFile,
  ending: Ending | null,
  stride: number,
): ComparedLedger {
  const { class: className, engine, threads, step: begins } = header;
  const by = { class: className, engine, package: header.package, threads, stride };
  return { file: path, ...by, begins, steps, resumed, ending };
}
