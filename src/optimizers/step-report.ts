import type { GroupRates } from "./group-rates.ts";

/** A gradient element that must not reach the state. */
export interface BadGradient {
  /** The parameter's name. */
  readonly parameter: string;
  /** Element of the parameter. */
  readonly index: number;
  /** The element itself. */
  readonly value: number;
  /** "overflow": finite, but its square would make the second moment infinite. */
  readonly kind: "nan" | "infinite" | "overflow";
}

/** Values of a 16-bit model copy that are infinite while their master weights are finite. */
export interface Overflow {
  /** The parameter's name. */
  readonly parameter: string;
  /** How many elements. */
  readonly count: number;
}

/** What a step did. */
export interface StepReport {
  /** Steps applied by the optimizer so far, this one included. */
  readonly step: number;
  /** False where the step was skipped: no byte of state changed, no count moved. */
  readonly applied: boolean;
  /** Norm of all gradients of the step; null unless the option gradNorm is on. */
  readonly gradNorm: number | null;
  /** What the gradients of this step were multiplied by; 1 without a loss scale. */
  readonly lossScale: number;
  /** What the closure returned, where there was one. */
  readonly loss?: unknown;
  /** Learning rate of each group in this step, before any lr scale. */
  readonly lr: Readonly<Record<string, number>>;
  /** The first bad gradient element, in the order of the parameters; null if there is none. */
  readonly nonFinite: BadGradient | null;
  /** Parameters of this step whose model copy holds such values; empty if there are none. */
  readonly overflowed: readonly Overflow[];
}

/** A report that is being filled. */
export type FilledReport = { -readonly [Key in keyof StepReport]: StepReport[Key] } & {
  lr: Record<string, number>;
};

export const NO_OVERFLOWS: readonly Overflow[] = Object.freeze([]);

/** An empty report: what `step` fills, where it is given one. */
export function makeReport(groups: readonly { readonly name: string }[]): FilledReport {
  return {
    step: 0,
    applied: false,
    gradNorm: null,
    lossScale: 1,
    lr: Object.fromEntries(groups.map(({ name }) => [name, Number.NaN])),
    nonFinite: null,
    overflowed: NO_OVERFLOWS,
  };
}

/**
 * Writes what is known before anything is applied: that of a step which was not. A report that cannot
 * be written to is noticed here.
 */
export function beginReport(
  report: FilledReport,
  k: number,
  rates: readonly GroupRates[],
  lossScale: number,
  nonFinite: BadGradient | null,
): void {
  report.step = k;
  report.applied = false;
  report.gradNorm = null;
  report.lossScale = lossScale;
  report.nonFinite = nonFinite;
  report.overflowed = NO_OVERFLOWS;
  for (const { group, lr } of rates) {
    // Writing a number makes an object of it.
    if (report.lr[group.name] !== lr) report.lr[group.name] = lr;
  }
}
