import { evaluate } from "../../language-detector/evaluate.ts";
import { extractFeatures } from "../../language-detector/features.ts";
import { allLanguages, NEW_LANGUAGES } from "../../language-detector/languages.ts";
import { LAYERS, type Layers, Network } from "../../language-detector/network.ts";
import { groupOf, layerOf, makeOptimizer } from "../../language-detector/optimizer.ts";
import type { LabelledFile, Sample } from "../../language-detector/sample.ts";
import { type Start, startFrom } from "../../language-detector/start.ts";
import type { AddedClass, EvaluationFigures, ParameterInfo } from "../protocol.ts";
import { heldOutFiles, trainingFiles, type UserClass } from "./classes.ts";
import type { Corpus } from "./corpus.ts";
import { FIXED } from "./defaults.ts";

/** The model and the files that a run is made of, the user's classes included. */
export interface Setup {
  readonly classes: readonly UserClass[];
  /** By class index: the model's own, ours, the user's. */
  readonly languages: readonly string[];
  readonly newLanguages: readonly string[];
  readonly train: readonly Sample[];
  readonly validation: readonly LabelledFile[];
  readonly test: readonly LabelledFile[];
  readonly start: Start;
  readonly network: Network;
  readonly parameters: readonly ParameterInfo[];
}

export async function makeSetup(
  corpus: Corpus,
  classes: readonly UserClass[] = [],
): Promise<Setup> {
  const newLanguages = [...NEW_LANGUAGES, ...classes.map(({ name }) => name)];
  const train = [...corpus.train, ...classes.flatMap(trainingFiles)];
  const heldOut = classes.flatMap(heldOutFiles);
  const start = startFrom(corpus.model, train, newLanguages);
  return {
    classes,
    languages: allLanguages(corpus.model, newLanguages),
    newLanguages,
    train,
    validation: [...corpus.validation, ...heldOut],
    test: [...corpus.test, ...heldOut],
    start,
    network: new Network(start.shape),
    parameters: await describeParameters(start),
  };
}

/** As the optimizer will have them. */
async function describeParameters({ weights, shape }: Start): Promise<ParameterInfo[]> {
  const optimizer = await makeOptimizer(weights, shape, { ...FIXED, steps: 1 });
  try {
    return LAYERS.map((name) => {
      const { shape, length, lrScale, decays } = optimizer.parameter(name);
      const at = layerOf(name);
      const layer = typeof at === "number" ? `hidden${at + 1}` : at;
      return { name, shape, count: length, group: groupOf(name), layer, lrScale, decays };
    });
  } finally {
    optimizer.dispose();
  }
}

export function describeClasses({ classes, start }: Setup): AddedClass[] {
  return classes.map((added, i) => ({
    name: added.name,
    twin: start.twins[NEW_LANGUAGES.length + i],
    trainFiles: added.files.filter(({ heldOut }) => !heldOut).length,
    heldOutFiles: heldOutFiles(added).length,
  }));
}

/** Lets the weights name held-out files. */
export function evaluateSetup(
  { network, languages, newLanguages, ...files }: Setup,
  weights: Layers,
  split: EvaluationFigures["split"],
  step: number,
): EvaluationFigures {
  const found = evaluate(network, weights, files[split], languages, newLanguages);
  return {
    ...{ step, split, newAccuracy: found.newAccuracy, oldAccuracy: found.oldAccuracy },
    byLanguage: [...found.byLanguage].map(([language, { right, total }]) => ({
      ...{ language, isNew: newLanguages.includes(language), right, total },
    })),
  };
}

const SHOWN = 5;

/** The most probable languages of a text, the most probable first. */
export function classify({ network, languages }: Setup, weights: Layers, text: string) {
  const features = extractFeatures(new TextEncoder().encode(text));
  const probabilities = network.forward(weights, features);
  return languages
    .map((language, i) => ({ language, probability: probabilities[i] }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, SHOWN);
}
