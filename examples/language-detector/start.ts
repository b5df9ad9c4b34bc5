import { argMax } from "./evaluate.ts";
import { BUCKETS } from "./features.ts";
import { NEW_LANGUAGES } from "./languages.ts";
import type { PretrainedModel } from "./model-format.ts";
import {
  LAYERS,
  type Layers,
  layerShapes,
  mapLayers,
  Network,
  type NetworkShape,
} from "./network.ts";
import type { LabelledFile } from "./sample.ts";

/** Where training starts. */
export interface Start {
  readonly shape: NetworkShape;
  readonly weights: Layers;
  /** For each new language the old one that its columns are copied from. */
  readonly twins: readonly string[];
}

/**
 * Adds a column for each new language to the model's last layers.
 *
 * A new language starts as a copy of its twin, the old language for which the model takes most of
 * its training files (the first of equals). It starts with the right order of magnitude everywhere,
 * and since the twin comes first in a tie it wins no file before training.
 */
export function startFrom(
  model: PretrainedModel,
  train: readonly LabelledFile[],
  newLanguages: readonly string[] = NEW_LANGUAGES,
): Start {
  const oldClasses = model.languages.length;
  const [, embedding] = tensor(model, "embedding.weight").shape;
  const [hidden1, hidden2] = tensor(model, "hidden2.weight").shape;
  const sizes = { buckets: BUCKETS, embedding, hidden1, hidden2, oldClasses };

  const old = oldLayers(model);
  const network = new Network({ ...sizes, newClasses: 0 });
  const twins = newLanguages.map((language) => {
    const votes = new Uint32Array(oldClasses);
    for (const sample of train) {
      if (sample.language === language) votes[argMax(network.forward(old, sample.features))]++;
    }
    return argMax(votes);
  });
  const weights = mapLayers((name) =>
    name.startsWith("new.")
      ? columns(old[name.slice("new.".length) as keyof Layers], oldClasses, twins)
      : old[name],
  );
  const shape = { ...sizes, newClasses: twins.length };
  checkSizes(weights, shape);
  return { shape, weights, twins: twins.map((twin) => model.languages[twin]) };
}

function tensor(model: PretrainedModel, name: string) {
  const found = model.tensors.get(name);
  if (!found) throw new Error(`the pretrained model has no "${name}"`);
  return found;
}

/** The model's own layers, and no new column. */
function oldLayers(model: PretrainedModel): Layers {
  return mapLayers((name) =>
    name.startsWith("new.") ? new Float32Array(0) : tensor(model, name).data,
  );
}

/** Chosen columns of a row-major matrix with `width` columns. */
function columns(matrix: Float32Array, width: number, chosen: readonly number[]): Float32Array {
  const rows = matrix.length / width;
  const result = new Float32Array(rows * chosen.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < chosen.length; j++) {
      result[i * chosen.length + j] = matrix[i * width + chosen[j]];
    }
  }
  return result;
}

function checkSizes(weights: Layers, shape: NetworkShape): void {
  const shapes = layerShapes(shape);
  for (const name of LAYERS) {
    const size = shapes[name].reduce((product, n) => product * n, 1);
    if (weights[name].length !== size) {
      throw new Error(`"${name}": expected ${size} weights, got ${weights[name].length}`);
    }
  }
}
