import { UsageError } from "./tool-error.ts";

/** Rows of a table where nothing else is said. */
export const TENSORS = 24;

/** What `--tensors` says. */
export function readMost(text: string | undefined): number {
  if (text === undefined) return TENSORS;
  if (text === "all") return Number.POSITIVE_INFINITY;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--tensors: expected a number or all, got "${text}"`);
}
