import { wrongValue } from "../errors.ts";
import { build, positive, rate, share, steps, switchedOff, word } from "./fields.ts";
import { type PastEnd, pastEndField, stepWithin } from "./past-end.ts";
import type { Schedule } from "./schedule.ts";
import { BETWEEN } from "./shapes.ts";

/** What `oneCycle` takes. */
export interface OneCycleOptions {
  /** torch's max_lr. */
  readonly peak: number;
  /** Steps of the whole cycle. */
  readonly totalSteps: number;
  /** Share of the steps on the way up; 0.3 by default. */
  readonly pctStart?: number;
  /** The rate at step 0 is peak / divFactor; 25 by default. */
  readonly divFactor?: number;
  /** The rate at the last step is peak / divFactor / finalDivFactor; 1e4 by default. */
  readonly finalDivFactor?: number;
  /** The way from one rate to the next. torch's and Paddle's default is "cosine". */
  readonly anneal?: "cosine" | "linear";
  /** Come down to the first rate in as many steps as up, and only then to the last. */
  readonly threePhase?: boolean;
  /** Past the last step: "throw" (default, as torch does) or "hold". */
  readonly pastEnd?: PastEnd;
}

const FIELDS = {
  peak: rate(),
  totalSteps: steps(2),
  pctStart: share(0.3),
  divFactor: positive(25),
  finalDivFactor: positive(1e4),
  anneal: word(["cosine", "linear"], "cosine"),
  threePhase: switchedOff(),
  pastEnd: pastEndField(),
};

/**
 * One way up and one way down (Smith's 1cycle policy), over exactly T steps.
 *
 *   up:    from peak / div to peak, until step p T - 1
 *   down:  to peak / div / finalDiv, until step T - 1
 *   threePhase: down to peak / div until step 2 p T - 2, then to peak / div / finalDiv
 *
 * These ends need not be whole steps. Source: torch OneCycleLR and Paddle OneCycleLR (there
 * divide_factor, end_learning_rate, phase_pct). optax's cosine_onecycle_schedule has its peak one
 * step later, at int(p T): another schedule.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const name = "oneCycle";
  return build(name, options, FIELDS, (values) => {
    const { peak, totalSteps, pctStart, divFactor, finalDivFactor, threePhase, pastEnd } = values;
    if (threePhase && pctStart > 0.5) {
      throw wrongValue("pctStart", name, "at most 0.5 with threePhase", pctStart);
    }
    const first = peak / divFactor;
    const last = first / finalDivFactor;
    const up = pctStart * totalSteps - 1;
    const down = threePhase ? 2 * pctStart * totalSteps - 2 : totalSteps - 1;
    const way = BETWEEN[values.anneal];
    const at = (k: number) => {
      const step = stepWithin(k, totalSteps, pastEnd, name);
      if (step <= up) return up > 0 ? way(first, peak, step / up) : peak;
      if (step <= down || !threePhase) {
        return way(peak, threePhase ? first : last, (step - up) / (down - up));
      }
      return way(first, last, (step - down) / (totalSteps - 1 - down));
    };
    return { base: peak, at };
  });
}
