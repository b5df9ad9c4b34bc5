import { type ParameterGradient, scaleRange } from "./gradient.ts";

/**
 * Multiplies a gradient in place; each product is formed in float64 and rounded once to float32.
 *
 * @param factor 1 / loss scale; for a loss scale that is a power of two the product is exact,
 *               unless it becomes subnormal
 */
export function unscale({ length, parts }: ParameterGradient, factor: number): void {
  scaleRange(parts, 0, length, factor);
}
