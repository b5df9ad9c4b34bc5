import { wrongValue } from "../errors.ts";
import { build, rateList, stepList, word } from "./fields.ts";
import { countUpTo } from "./intervals.ts";
import type { Schedule } from "./schedule.ts";

/** What `piecewiseConstant` takes. */
export interface PiecewiseConstantOptions {
  /** The steps between two values, ascending. */
  readonly boundaries: readonly number[];
  /** The rates, one more than boundaries. */
  readonly values: readonly number[];
  /**
   * The value at a boundary itself: the "next" one (default: Paddle, MindSpore, optax) or still the
   * "previous" one (Keras).
   */
  readonly atBoundary?: "next" | "previous";
}

const FIELDS = {
  boundaries: stepList({ twice: false }),
  values: rateList(),
  atBoundary: word(["next", "previous"], "next"),
};

/** Throws unless there is one value more than boundaries. */
export function checkValues(values: readonly number[], expected: number, where: string): void {
  if (values.length === expected) return;
  const text = `${expected} values, to fit the boundaries`;
  throw wrongValue("values", where, text, values.length);
}

/**
 * values[i] between the boundaries i - 1 and i.
 *
 * Source: Paddle PiecewiseDecay, MindSpore piecewise_constant_lr, Keras PiecewiseConstantDecay.
 * optax.piecewise_constant_schedule gives factors, each of which multiplies the value before it.
 * The base is the first value.
 */
export function piecewiseConstant(options: PiecewiseConstantOptions): Schedule {
  const name = "piecewiseConstant";
  return build(name, options, FIELDS, ({ boundaries, values, atBoundary }) => {
    checkValues(values, boundaries.length + 1, name);
    const lag = atBoundary === "previous" ? 1 : 0;
    const at = (k: number) => values[countUpTo(boundaries, k - lag)] as number;
    return { base: values[0] as number, at };
  });
}
