import type { Corpus } from "../browser/engine/corpus.ts";
import type { Precision } from "../language-detector/flags.ts";
import { allLanguages } from "../language-detector/languages.ts";
import { Network } from "../language-detector/network.ts";
import { type Recipe, recipe } from "../language-detector/optimizer.ts";
import type { LabelledFile, Sample } from "../language-detector/sample.ts";
import { type Start, startFrom } from "../language-detector/start.ts";

/** Files of a micro-batch: four of them are a batch of examples/language-detector. */
export const FILES = 8;
const LAYER_DECAY = 0.8;

export const PRECISIONS: readonly string[] = ["float32", "float16", "bfloat16"];

/** What all ranks must agree on. */
export interface Plan {
  readonly steps: number;
  readonly seed: number;
  readonly precision: Precision;
}

/** The model and the files that a run is made of: the same on all ranks. */
export interface Task {
  readonly network: Network;
  readonly start: Start;
  readonly languages: readonly string[];
  readonly train: readonly Sample[];
  readonly test: readonly LabelledFile[];
}

export function makeTask({ model, train, test }: Omit<Corpus, "validation">): Task {
  const start = startFrom(model, train);
  const languages = allLanguages(model);
  return { network: new Network(start.shape), start, languages, train, test };
}

/** Param groups and options of the optimizer, on one rank or on many. */
export function recipeOf({ start }: Task, { steps, precision }: Plan): Recipe {
  return recipe(start.weights, start.shape, { steps, precision, layerDecay: LAYER_DECAY });
}
