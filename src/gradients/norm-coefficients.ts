import type { ClipByGlobalNorm, ClipByNorm, GlobalNormFormula } from "./clip.ts";

// Norms in, coefficients out, all in float64. A norm that is NaN gives NaN and one that is infinite
// gives 0, as in the originals.

/** `norm` is that of all gradients together, `max` what it may be. */
const FORMULAS: Record<GlobalNormFormula, (norm: number, max: number) => number> = {
  // torch.nn.utils.clip_grad_norm_: shrinks by 1e-6 / max already where the norm is exactly max.
  torch: (norm, max) => Math.min(1, max / (norm + 1e-6)),
  // paddle.nn.ClipGradByGlobalNorm
  paddle: (norm, max) => max / Math.max(norm, max),
  // mindformers' ClipGradNorm: shrinks even where the norm is below max.
  mindformers: (norm, max) => max / (Math.max(norm, max) + 1e-6),
};

/**
 * What all gradients are multiplied by, so that their common norm is at most `clip.max`.
 *
 * @param norm root of the sum of squares of all (unscaled) gradients
 * @param own  the formula for a clip that names none
 */
export function globalNormCoefficient(
  norm: number,
  clip: ClipByGlobalNorm,
  own: GlobalNormFormula = "torch",
): number {
  return FORMULAS[clip.formula ?? own](norm, clip.max);
}

/** What one gradient of this norm is multiplied by, so that its norm is at most `clip.max`. */
export function normCoefficient(norm: number, { max }: ClipByNorm): number {
  return norm <= max ? 1 : max / norm;
}
