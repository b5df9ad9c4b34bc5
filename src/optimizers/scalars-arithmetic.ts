import { oneOf } from "../validate.ts";

/**
 * Which formula of an original the scalars follow (docs/semantics.md, "The named optimizers"):
 * what it means to do, what its documentation prints, or what its code runs.
 */
export type Arithmetic = "intended" | "documented" | "executed";

const ARITHMETICS = ["intended", "documented", "executed"] as const;

/** @throws TypeError, RangeError for anything but the three words; "intended" where left out */
export function readArithmetic(value: unknown, where: string): Arithmetic {
  return oneOf(value === undefined ? "intended" : value, ARITHMETICS, "arithmetic", where);
}
