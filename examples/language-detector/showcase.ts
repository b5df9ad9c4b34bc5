import { argMax } from "./evaluate.ts";
import type { Layers, Network } from "./network.ts";
import type { Guess } from "./report.ts";
import type { Sample } from "./sample.ts";

/** The new languages, and the old ones that they are most easily taken for. */
const SHOWN = ["solidity", "svelte", "assemblyscript", "ts", "js"];

/** Test files to show by name: of each language the first file of its first two packages. */
export function showcaseOf(test: readonly Sample[]): Sample[] {
  return SHOWN.flatMap((language) => {
    const own = test.filter((sample) => sample.language === language);
    const packages = [...new Set(own.map((sample) => sample.package))].slice(0, 2);
    return packages.flatMap((name) => own.find((sample) => sample.package === name) ?? []);
  });
}

/** The most probable language of a file. */
export function guess(
  network: Network,
  weights: Layers,
  { features }: Sample,
  languages: readonly string[],
): Guess {
  const probabilities = network.forward(weights, features);
  const best = argMax(probabilities);
  return { language: languages[best], probability: probabilities[best] };
}
