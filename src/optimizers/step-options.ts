import { wrongKind } from "../errors.ts";
import { flag, isPlainRecord, knownKeys, optionObject } from "../validate.ts";
import type { StepReport } from "./step-report.ts";

/** What a single step may be asked for. */
export interface StepOptions {
  /** Measure the step: see Optimizer.metrics. Default false. */
  readonly metrics?: boolean;
  /** A report of `newReport()` to fill instead of a fresh one. */
  readonly report?: StepReport;
}

export const NO_OPTIONS: StepOptions = Object.freeze({});
const KEYS = ["metrics", "report"];

/** @throws TypeError for an unknown key or a value of the wrong kind */
export function readStepOptions(options: StepOptions): void {
  if (options === NO_OPTIONS) return;
  const where = "step";
  knownKeys(optionObject(options, "options", where), KEYS, where);
  const { metrics, report } = options;
  if (metrics !== undefined) flag(metrics, "metrics", where);
  if (report !== undefined && !isReport(report)) {
    const remedy = "It is filled, so that it must not be frozen";
    throw wrongKind("report", where, "a report of newReport()", report, remedy);
  }
}

/** One that more can be written to: what a closure returns comes after the step. */
function isReport(report: unknown): boolean {
  return isPlainRecord(report) && isPlainRecord(report.lr) && Object.isExtensible(report);
}
