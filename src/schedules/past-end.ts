import { wrongValue } from "../errors.ts";
import { word } from "./fields.ts";

/** After the last step: "throw" a RangeError that says so, or "hold" the last value. */
export type PastEnd = "throw" | "hold";

export function pastEndField() {
  return word<PastEnd>(["throw", "hold"], "throw");
}

/** The step whose value counts at step k of a schedule of `length` steps. */
export function stepWithin(k: number, length: number, pastEnd: PastEnd, where: string): number {
  if (k < length) return k;
  if (pastEnd === "hold") return length - 1;
  const remedy = 'Train for fewer steps, or give pastEnd: "hold"';
  throw wrongValue("k", where, `a step below ${length}, its length`, k, remedy);
}
