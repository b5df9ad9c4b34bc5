import { wrongKind } from "../errors.ts";
import { finiteAtLeast } from "../validate.ts";
import { atMost, type Field, optional, rate, readOptions, share, steps, word } from "./fields.ts";
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

/** What `greedy` takes. */
export interface GreedyOptions {
  /** The rate at first. */
  readonly lr: number;
  /** The rate never goes below; transformers' default is 1e-3, which is much for AdamW. */
  readonly minLr: number;
  /** The rate never goes above; transformers' default is 1. */
  readonly maxLr: number;
  /** "min" (default): lower metrics are better; "max": higher ones. */
  readonly mode?: MetricMode;
  /** Multiplies the rate on the way down and divides it on the way up; 0.95 by default. */
  readonly factor?: number;
  /** Evaluations in a row of one kind that are let pass; 10 by default. */
  readonly patience?: number;
  /** By how much a metric must beat the best; 1e-6 by default. */
  readonly threshold?: number;
  /** Whether that is "abs"olute (default) or a share of the best, "rel". */
  readonly thresholdMode?: ThresholdMode;
  /** Evaluations that are ignored after a reduction; 0 by default. */
  readonly cooldown?: number;
  /** Evaluations that are ignored after an increase; 0 by default. */
  readonly warmup?: number;
  /** A change by no more than this is not made; 1e-8 by default. */
  readonly eps?: number;
  /** Judge the mean of so many last metrics, instead of the last alone. */
  readonly smoothWindow?: number;
  /** Reductions called for at minLr before everything starts again; 500 by default. */
  readonly resetStart?: number;
}

/** What greedy remembers. */
export interface GreedyState {
  /** The rate in force. */
  readonly lr: number;
  /** The best metric so far; null before the first one. */
  readonly best: number | null;
  /** Evaluations in a row that beat the best. */
  readonly goodEvaluations: number;
  /** Evaluations in a row that did not. */
  readonly badEvaluations: number;
  /** Evaluations that are still ignored after a reduction. */
  readonly cooldownLeft: number;
  /** Evaluations that are still ignored after an increase. */
  readonly warmupLeft: number;
  /** Reductions called for at minLr that are left before everything starts again. */
  readonly resetLeft: number;
  /** The last metrics, oldest first; empty without smoothWindow. */
  readonly window: readonly number[];
}

const FIELDS = {
  lr: rate(),
  minLr: rate(),
  maxLr: rate(),
  mode: modeField,
  factor: share(0.95),
  patience: steps(0, 10),
  threshold: thresholdField(1e-6),
  thresholdMode: word(thresholdModes, "abs"),
  cooldown: steps(0, 0),
  warmup: steps(0, 0),
  eps: rate(1e-8),
  smoothWindow: optional(steps(1)),
  resetStart: steps(1, 500),
};
const windowField: Field<readonly number[]> = {
  read: (value, what, where) => {
    if (!Array.isArray(value)) throw wrongKind(what, where, "an array of numbers", value);
    return Array.from(value, (each, i) =>
      finiteAtLeast(each, -Number.MAX_VALUE, `${what}[${i}]`, where),
    );
  },
};
const STATE = {
  lr: rateField,
  best: bestField,
  goodEvaluations: countField,
  badEvaluations: countField,
  cooldownLeft: countField,
  warmupLeft: countField,
  resetLeft: countField,
  window: windowField,
};

/**
 * Raises the rate while the metric improves and lowers it while it does not.
 *
 *   more than `patience` better ones in a row:  min(lr / factor, maxLr), and `warmup` ignored ones
 *   more than `patience` others in a row:       max(lr * factor, minLr), and `cooldown` ignored ones
 *
 * A reduction called for that leaves the rate at minLr counts towards resetStart; an increase starts
 * that count again. The reset takes the rate back to `lr` and forgets all metrics.
 * Source: transformers GreedyLR (5.x; arXiv 2512.14527). Its mean is a running sum, whose rounding
 * adds up; here the window is summed anew. NaN and infinite metrics are never better, and stay out
 * of the mean.
 */
export function greedy(options: GreedyOptions): MetricSchedule<GreedyState> {
  const name = "greedy";
  const { values, data } = readOptions(name, options, FIELDS);
  const { factor, patience, minLr, maxLr, eps, resetStart } = values;
  atMost(minLr, "minLr", values.lr, "lr", name);
  atMost(values.lr, "lr", maxLr, "maxLr", name);
  const initial: GreedyState = {
    lr: values.lr,
    best: null,
    goodEvaluations: 0,
    badEvaluations: 0,
    cooldownLeft: 0,
    warmupLeft: 0,
    resetLeft: resetStart,
    window: [],
  };
  let now = initial;

  const raised = (state: GreedyState): GreedyState => {
    const lr = Math.min(state.lr / factor, maxLr);
    const rest = { goodEvaluations: 0, warmupLeft: values.warmup, resetLeft: resetStart };
    return { ...state, ...rest, lr: lr - state.lr > eps ? lr : state.lr };
  };
  const lowered = (state: GreedyState): GreedyState => {
    const reduced = Math.max(state.lr * factor, minLr);
    const lr = state.lr - reduced > eps ? reduced : state.lr;
    const resetLeft = lr > minLr ? state.resetLeft : state.resetLeft - 1;
    const rest = { badEvaluations: 0, cooldownLeft: values.cooldown };
    // transformers lets the cooldown begin after a reset, too.
    if (resetLeft <= 0) return { ...initial, ...rest };
    return { ...state, ...rest, lr, resetLeft };
  };
  const judged = (metric: number, state: GreedyState): GreedyState => {
    const none = { goodEvaluations: 0, badEvaluations: 0 };
    if (state.cooldownLeft > 0) return { ...state, ...none, cooldownLeft: state.cooldownLeft - 1 };
    if (state.warmupLeft > 0) return { ...state, ...none, warmupLeft: state.warmupLeft - 1 };
    const next = isBetter(metric, state.best, values)
      ? { ...state, ...none, best: metric, goodEvaluations: state.goodEvaluations + 1 }
      : { ...state, ...none, badEvaluations: state.badEvaluations + 1 };
    if (next.goodEvaluations > patience) return raised(next);
    return next.badEvaluations > patience ? lowered(next) : next;
  };
  const observe = (given: number) => {
    const metric = readMetric(given, name);
    const size = values.smoothWindow;
    if (size === null || !Number.isFinite(metric)) {
      now = judged(metric, now);
      return;
    }
    const window = [...now.window, metric].slice(-size);
    const mean = window.reduce((sum, each) => sum + each, 0) / window.length;
    now = judged(mean, { ...now, window });
  };
  return makeSchedule({ name, options: data }, values.lr, () => now.lr, {
    observe,
    state: () => ({ ...now, window: [...now.window] }),
    restore: (state: unknown) => {
      now = readState(state, STATE, name);
    },
  });
}
