import { wrongKind, wrongValue } from "../errors.ts";
import { finiteAtLeast, knownKeys, oneOf, optionObject } from "../validate.ts";
import { positive, within } from "./checks.ts";

// What a `clip` option may be: plain frozen data, so that it can be described, digested and saved.
// The formulas are in norm-coefficients.ts, clip-values.ts and clip-adaptively.ts.

/** Whose formula turns a global norm into a coefficient: `clipByGlobalNorm` says which. */
export type GlobalNormFormula = "torch" | "paddle" | "mindformers";
const FORMULAS: readonly GlobalNormFormula[] = ["torch", "paddle", "mindformers"];

/** Whose rule of adaptive clipping: timm's adaptive_clip_grad, or Composer's GradientClipping. */
export type AdaptiveConvention = "timm" | "composer";
const CONVENTIONS: readonly AdaptiveConvention[] = ["timm", "composer"];

/** Scales all gradients by one coefficient, so that their common norm is at most `max`. */
export interface ClipByGlobalNorm {
  /** Tells it from the other three. */
  readonly kind: "globalNorm";
  /** The largest norm; > 0. */
  readonly max: number;
  /** null: the optimizer's own. */
  readonly formula: GlobalNormFormula | null;
}

/** Scales each gradient whose own norm is above `max` down to it. */
export interface ClipByNorm {
  /** Tells it from the other three. */
  readonly kind: "norm";
  /** The largest norm; > 0. */
  readonly max: number;
}

/** Clamps each element to [min, max]. */
export interface ClipByValue {
  /** Tells it from the other three. */
  readonly kind: "value";
  /** The least element. */
  readonly min: number;
  /** The largest element. */
  readonly max: number;
}

/** Bounds each unit's gradient norm by `factor` times its weight norm (AGC). */
export interface ClipAdaptive {
  /** Tells it from the other three. */
  readonly kind: "adaptive";
  /** The largest gradient norm is this times the weight norm; > 0. */
  readonly factor: number;
  /** No weight norm counts as less. */
  readonly floor: number;
  /** Whose rule. */
  readonly convention: AdaptiveConvention;
}

/** What the option `clip` takes: made by one of the four functions below, frozen plain data. */
export type Clip = ClipByGlobalNorm | ClipByNorm | ClipByValue | ClipAdaptive;

/**
 * Clips by the norm of all gradients together, over all groups.
 *
 * @param max     finite, > 0
 * @param options formula: "torch" min(1, max / (N + 1e-6)), "paddle" max / max(N, max) or
 *                "mindformers" max / (max(N, max) + 1e-6); default: the optimizer's own
 * @throws TypeError, RangeError for what is wrong with an argument
 */
export function clipByGlobalNorm(
  max: number,
  options: { readonly formula?: GlobalNormFormula | undefined } = {},
): ClipByGlobalNorm {
  const where = "clipByGlobalNorm";
  positive(max, "max", where);
  knownKeys(optionObject(options, "options", where), ["formula"], where);
  const { formula } = options;
  return Object.freeze({
    kind: "globalNorm",
    max,
    formula: formula === undefined ? null : oneOf(formula, FORMULAS, "formula", where),
  });
}

/**
 * Clips each parameter's gradient by its own norm: untouched where that is at most `max`.
 *
 * Source: Paddle's ClipGradByNorm.
 *
 * @param max finite, > 0
 */
export function clipByNorm(max: number): ClipByNorm {
  return Object.freeze({ kind: "norm", max: positive(max, "max", "clipByNorm") });
}

/**
 * Clamps each element.
 *
 * Source: torch's clip_grad_value_; Paddle's ClipGradByValue, whose min it takes over.
 *
 * @param max     finite; > 0 where min is left out
 * @param options min: finite, <= max; default -max
 */
export function clipByValue(
  max: number,
  options: { readonly min?: number | undefined } = {},
): ClipByValue {
  const where = "clipByValue";
  knownKeys(optionObject(options, "options", where), ["min"], where);
  const { min } = options;
  if (min === undefined) {
    positive(max, "max", where);
    return Object.freeze({ kind: "value", min: -max, max });
  }
  within(max, "a finite number", Number.isFinite, "max", where);
  within(min, "a finite number", Number.isFinite, "min", where);
  if (min > max) throw wrongValue("min", where, `at most max, ${max}`, min);
  return Object.freeze({ kind: "value", min, max });
}

/**
 * Adaptive gradient clipping: bounds the gradient's norm by `factor` times the weight's, for each
 * row of dimension 0; vectors and scalars count as one row.
 *
 * Source: Brock et al. 2021, "High-Performance Large-Scale Image Recognition Without
 * Normalization"; the clipping functions of timm and Composer.
 *
 * @param factor  finite, > 0
 * @param options convention: "timm" (default) or "composer"; floor: finite, >= 0, default 1e-3 for
 *                timm and 0 for Composer, where a row of zero weights gets no gradient, ever
 */
export function clipAdaptive(
  factor: number,
  options: {
    readonly floor?: number | undefined;
    readonly convention?: AdaptiveConvention | undefined;
  } = {},
): ClipAdaptive {
  const where = "clipAdaptive";
  positive(factor, "factor", where);
  knownKeys(optionObject(options, "options", where), ["floor", "convention"], where);
  const { convention = "timm" } = options;
  oneOf(convention, CONVENTIONS, "convention", where);
  const { floor = convention === "timm" ? 1e-3 : 0 } = options;
  finiteAtLeast(floor, 0, "floor", where);
  return Object.freeze({ kind: "adaptive", factor, floor, convention });
}

/** Checks a `clip` option, made by one of the functions above or read back from a file. */
export function readClip(value: unknown, what: string, where: string): Clip {
  const kind = (value as Partial<Clip> | null | undefined)?.kind;
  switch (kind) {
    case "globalNorm": {
      const { max, formula } = fields(value as ClipByGlobalNorm, ["max", "formula"], what, where);
      return clipByGlobalNorm(max, { formula: formula ?? undefined });
    }
    case "norm":
      return clipByNorm(fields(value as ClipByNorm, ["max"], what, where).max);
    case "value": {
      const { min, max } = fields(value as ClipByValue, ["min", "max"], what, where);
      return clipByValue(max, { min });
    }
    case "adaptive": {
      const keys = ["factor", "floor", "convention"];
      const { factor, ...options } = fields(value as ClipAdaptive, keys, what, where);
      return clipAdaptive(factor, options);
    }
  }
  const expected = "clipByGlobalNorm(...), clipByNorm(...), clipByValue(...) or clipAdaptive(...)";
  throw wrongKind(what, where, expected, value);
}

function fields<Kind extends Clip>(
  clip: Kind,
  keys: readonly string[],
  what: string,
  where: string,
): Omit<Kind, "kind"> {
  knownKeys(clip, ["kind", ...keys], `${what} of ${where}`);
  const { kind: _, ...rest } = clip;
  return rest;
}
