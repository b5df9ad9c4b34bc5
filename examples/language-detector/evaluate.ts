import { labelOf, NEW_LANGUAGES } from "./languages.ts";
import type { Layers, Network } from "./network.ts";
import type { LabelledFile } from "./sample.ts";

/** How many files of a language were named rightly. */
export interface Score {
  right: number;
  total: number;
}

export interface Evaluation {
  /** Of the new languages, and of the old ones: share of files named rightly, 0 to 1. */
  readonly newAccuracy: number;
  readonly oldAccuracy: number;
  readonly byLanguage: ReadonlyMap<string, Score>;
}

/** Index of the largest value, the first of equals. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < values.length; k++) if (values[k] > values[best]) best = k;
  return best;
}

/** Lets the network name every sample. Top-1: the most probable language counts, nothing else. */
export function evaluate(
  network: Network,
  weights: Layers,
  samples: readonly LabelledFile[],
  languages: readonly string[],
  newLanguages: readonly string[] = NEW_LANGUAGES,
): Evaluation {
  const byLanguage = new Map<string, Score>();
  const sums = { old: { right: 0, total: 0 }, new: { right: 0, total: 0 } };
  for (const sample of samples) {
    const named = argMax(network.forward(weights, sample.features));
    const right = named === labelOf(sample, languages) ? 1 : 0;
    const score = byLanguage.get(sample.language) ?? { right: 0, total: 0 };
    byLanguage.set(sample.language, score);
    for (const each of [score, sums[newLanguages.includes(sample.language) ? "new" : "old"]]) {
      each.right += right;
      each.total += 1;
    }
  }
  return {
    newAccuracy: sums.new.right / sums.new.total,
    oldAccuracy: sums.old.right / sums.old.total,
    byLanguage,
  };
}
