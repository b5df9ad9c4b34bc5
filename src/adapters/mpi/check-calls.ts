import type { Reduction } from "../../collectives/collective.ts";
import { wrongKind, wrongValue } from "../../errors.ts";
import { oneOf, refuseDetached, requireLength, tagOf, wholeNumberBetween } from "../../validate.ts";

// What a call is given, before any rank hears of it.

const REDUCTIONS: readonly Reduction[] = ["ordered", "fast"];

/** @throws TypeError for another kind of array, or one whose memory is gone */
export function checkView(value: unknown, kind: string, what: string, where: string): void {
  if (!(ArrayBuffer.isView(value) && tagOf(value) === kind)) {
    throw wrongKind(what, where, `a ${kind}`, value);
  }
  refuseDetached(value, `a ${kind}`, what, where);
}

/** @throws TypeError or RangeError for what are not `size` ranges */
export function checkParts(parts: unknown, kind: string, size: number, where: string): void {
  if (!Array.isArray(parts)) throw wrongKind("parts", where, `an array of ${kind}s`, parts);
  if (parts.length !== size) {
    throw wrongValue("parts", where, `${size}, one for each rank`, parts.length);
  }
  for (const [rank, part] of parts.entries()) checkView(part, kind, `parts[${rank}]`, where);
}

/** @param part what this rank adds to the sums @throws TypeError or RangeError */
export function checkSums(into: Float32Array, part: Float32Array): void {
  const where = "reduceScatter";
  checkView(into, "Float32Array", "into", where);
  requireLength(into, part.length, "into", where);
}

/** @returns its number */
export function checkReduction(reduction: unknown, where: string): number {
  return REDUCTIONS.indexOf(oneOf(reduction, REDUCTIONS, "reduction", where));
}

/** @throws TypeError or RangeError for what is no rank */
export function checkRoot(root: unknown, size: number): void {
  wholeNumberBetween(root, 0, size - 1, "root", "broadcast");
}
