import { UsageError } from "./tool-error.ts";

/** Rows of a table where nothing else is said. */
export const TENSORS = 24;

/** What `--tensors`, or another option of rows, says. */
export function readMost(text: string | undefined, option = "--tensors"): number {
  if (text === undefined) return TENSORS;
  if (text === "all") return Number.POSITIVE_INFINITY;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`${option}: expected a number or all, got "${text}"`);
}
