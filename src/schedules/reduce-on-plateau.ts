import { atMost, rate, readOptions, share, steps, word } from "./fields.ts";
import {
  bestField,
  countField,
  isBetter,
  type MetricMode,
  type MetricSchedule,
  modeField,
  rateField,
  readMetric,
  readState,
  type ThresholdMode,
  thresholdField,
  thresholdModes,
} from "./metric.ts";
import { makeSchedule } from "./schedule.ts";

/** What `reduceOnPlateau` takes. */
export interface ReduceOnPlateauOptions {
  /** The rate at first. */
  readonly lr: number;
  /** "min" (default): lower metrics are better; "max": higher ones. */
  readonly mode?: MetricMode;
  /** What multiplies the rate; 0.1 by default. */
  readonly factor?: number;
  /** Evaluations without improvement that are let pass; 10 by default. */
  readonly patience?: number;
  /** By how much a metric must beat the best; 1e-4 by default. */
  readonly threshold?: number;
  /** Whether that is a share of the best, "rel" (default), or "abs"olute. */
  readonly thresholdMode?: ThresholdMode;
  /** Evaluations after a reduction in which none counts as bad; 0 by default. */
  readonly cooldown?: number;
  /** The rate never goes below; 0 by default. */
  readonly minLr?: number;
  /** A reduction by no more than this is not made; 1e-8 by default. */
  readonly eps?: number;
  /** In the cooldown, "watch" for a new best (default: torch) or "ignore" the metric (Paddle). */
  readonly duringCooldown?: "watch" | "ignore";
}

/** What reduceOnPlateau remembers. */
export interface PlateauState {
  /** The rate in force. */
  readonly lr: number;
  /** The best metric so far; null before the first one. */
  readonly best: number | null;
  /** Evaluations in a row without improvement. */
  readonly badEvaluations: number;
  /** Evaluations of the cooldown that are left. */
  readonly cooldownLeft: number;
}

const FIELDS = {
  lr: rate(),
  mode: modeField,
  factor: share(0.1),
  patience: steps(0, 10),
  threshold: thresholdField(1e-4),
  thresholdMode: word(thresholdModes, "rel"),
  cooldown: steps(0, 0),
  minLr: rate(0),
  eps: rate(1e-8),
  duringCooldown: word(["watch", "ignore"], "watch"),
};
const STATE = {
  lr: rateField,
  best: bestField,
  badEvaluations: countField,
  cooldownLeft: countField,
};

/**
 * Multiplies the rate by `factor` when the metric has not improved for more than `patience`
 * evaluations.
 *
 *   better (min, rel):  metric < best * (1 - threshold)      (abs: best - threshold)
 *   reduced:            max(lr * factor, minLr), if that is more than eps below lr
 *
 * Source: torch ReduceLROnPlateau (also transformers, timm), Paddle ReduceOnPlateau (see
 * duringCooldown). NaN and infinite metrics count as bad ones; torch takes -Infinity for a best.
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions): MetricSchedule<PlateauState> {
  const name = "reduceOnPlateau";
  const { values, data } = readOptions(name, options, FIELDS);
  const { factor, patience, cooldown, minLr, eps } = values;
  atMost(minLr, "minLr", values.lr, "lr", name);
  let now: PlateauState = { lr: values.lr, best: null, badEvaluations: 0, cooldownLeft: 0 };

  const observe = (given: number) => {
    const metric = readMetric(given, name);
    let { lr, best, badEvaluations: bad, cooldownLeft: cooling } = now;
    const watched = cooling === 0 || values.duringCooldown === "watch";
    if (watched && isBetter(metric, best, values)) [best, bad] = [metric, 0];
    else bad += 1;
    if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
    if (bad > patience) {
      const reduced = Math.max(lr * factor, minLr);
      if (lr - reduced > eps) lr = reduced;
      [cooling, bad] = [cooldown, 0];
    }
    now = { lr, best, badEvaluations: bad, cooldownLeft: cooling };
  };
  return makeSchedule({ name, options: data }, values.lr, () => now.lr, {
    observe,
    state: () => ({ ...now }),
    restore: (state: unknown) => {
      now = readState(state, STATE, name);
    },
  });
}
