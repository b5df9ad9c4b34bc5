import { wrongValue } from "../errors.ts";
import { build, rateList, stepList, word } from "./fields.ts";
import { countUpTo } from "./intervals.ts";
import { checkValues } from "./piecewise-constant.ts";
import type { Schedule } from "./schedule.ts";
import { BETWEEN } from "./shapes.ts";

/** What `piecewiseInterpolate` takes. */
export interface PiecewiseInterpolateOptions {
  /** The steps at which values[1], values[2], ... are reached, ascending, the first above 0. */
  readonly boundaries: readonly number[];
  /** The rates at step 0 and at each boundary: one more than boundaries. */
  readonly values: readonly number[];
  /** The way from one value to the next: a straight line or half a cosine wave. */
  readonly between: "linear" | "cosine";
}

const FIELDS = {
  boundaries: stepList({ twice: false }),
  values: rateList(),
  between: word(["linear", "cosine"]),
};

/**
 * Values at given steps, with a straight line or half a cosine wave between them; the last stays.
 *
 * Source: optax.piecewise_interpolate_schedule, which gives factors instead of values: its value i
 * is init_value times the product of the first i factors. The base is the first value.
 */
export function piecewiseInterpolate(options: PiecewiseInterpolateOptions): Schedule {
  const name = "piecewiseInterpolate";
  return build(name, options, FIELDS, ({ boundaries, values, between }) => {
    checkValues(values, boundaries.length + 1, name);
    if (boundaries[0] === 0) throw wrongValue("boundaries[0]", name, "a step above 0", 0);
    const knots = [0, ...boundaries];
    const way = BETWEEN[between];
    const at = (k: number) => {
      const i = countUpTo(boundaries, k);
      const [from, to] = [values[i] as number, values[i + 1]];
      if (to === undefined) return from;
      const [left, right] = [knots[i] as number, knots[i + 1] as number];
      return way(from, to, (k - left) / (right - left));
    };
    return { base: values[0] as number, at };
  });
}
