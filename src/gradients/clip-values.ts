import type { ClipByValue } from "./clip.ts";
import { forEachRun, type ParameterGradient } from "./gradient.ts";

/** Clamps each element to [min, max], both rounded to float32, in place. NaN stays NaN. */
export function clipValues({ length, parts }: ParameterGradient, { min, max }: ClipByValue): void {
  forEachRun(parts, 0, length, (values, from, to) => {
    for (let i = from; i < to; i++) {
      const g = values[i];
      if (g > max) values[i] = max;
      else if (g < min) values[i] = min;
    }
  });
}
