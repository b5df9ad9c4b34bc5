import { build, rate, stepFunction } from "./fields.ts";
import type { Schedule, ScheduleFunction } from "./schedule.ts";

/** What `multiplicative` takes. */
export interface MultiplicativeOptions {
  /** The rate at step 0. */
  readonly base: number;
  /** A pure function of the step; it is asked for the steps from 1 on. */
  readonly factor: ScheduleFunction;
}

const FIELDS = { base: rate(), factor: stepFunction() };

/**
 * base * factor(1) * factor(2) * ... * factor(k), with a function of yours.
 *
 * Source: torch MultiplicativeLR, Paddle MultiplicativeDecay.
 * Cost: one product per step as long as k rises; k products after going back.
 */
export function multiplicative(options: MultiplicativeOptions): Schedule {
  return build("multiplicative", options, FIELDS, ({ base, factor }) => {
    // The last product is kept only to save work: from step 0 the same products come in the same
    // order, so any order of k gives the same values.
    let last = 0;
    let product = base;
    const at = (k: number) => {
      if (k < last) [last, product] = [0, base];
      while (last < k) {
        product *= factor(last + 1);
        last++;
      }
      return product;
    };
    return { base, at };
  });
}
