import { mismatch, wrongKind } from "../../errors.ts";
import type { LayerDecayOptions } from "../../parameters/layer-decay.ts";

/** As much of a layers model as is used here: tf.LayersModel, tf.Sequential. */
export interface LayersModelLike {
  /** In the order in which data flow through them. */
  readonly layers: readonly {
    /** The layer's variables. */
    readonly weights: readonly {
      /** The name in this model, with what TensorFlow.js appended: "dense/kernel_1". */
      readonly name: string;
      /** The name as the layer gave it. */
      readonly originalName: string;
    }[];
    /** Which layer it is, such as "Embedding". */
    getClassName(): string;
  }[];
}

/**
 * The part of layerDecay's options that a layers model answers: embeddings below, the last layer
 * that has weights as the head, and each other layer with weights as a block, in the order of the
 * model. `lrScale: layerDecay({ rate: 0.8, ...layersOf(model) })`.
 *
 * @throws TypeError for what is no layers model; RangeError for one without a block
 */
export function layersOf(model: LayersModelLike): Pick<LayerDecayOptions, "layerOf"> & {
  /** Blocks of the model. */
  readonly layers: number;
} {
  if (!Array.isArray((model as Partial<LayersModelLike> | null)?.layers)) {
    throw wrongKind("model", "layersOf", "a layers model of TensorFlow.js", model);
  }
  const weighted = model.layers.filter(({ weights }) => weights.length > 0);
  const places = new Map<string, "embedding" | "head" | number>();
  let blocks = 0;
  for (const [index, layer] of weighted.entries()) {
    const isHead = index === weighted.length - 1;
    const isEmbedding = !isHead && layer.getClassName() === "Embedding";
    const place = isHead ? "head" : isEmbedding ? "embedding" : blocks++;
    for (const { name, originalName } of layer.weights) {
      places.set(name, place);
      // What the saved state of a model that was loaded again calls it.
      if (!places.has(originalName)) places.set(originalName, place);
    }
  }
  if (blocks === 0) {
    throw new RangeError(mismatch("model", "layersOf", "a layer below the last one", "none"));
  }
  return { layerOf: (name) => places.get(name), layers: blocks };
}
