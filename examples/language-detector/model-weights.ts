import type { AdamW } from "ashlar";
import type { Precision } from "./flags.ts";
import { wideningTable } from "./half.ts";
import { LAYERS, type LayerName, type Layers, mapLayers } from "./network.ts";

/**
 * Gives the weights that the network computes with, as they are now.
 *
 * At float32 these are views of the optimizer's own memory, and nothing is copied. At 16 bits it is
 * the optimizer's 16-bit model copy, widened.
 */
export function modelWeights(optimizer: AdamW, precision: Precision): () => Layers {
  return precision === "float32"
    ? () => mapLayers((name) => optimizer.parameter(name).master)
    : widenedWeights(precision, (name) => optimizer.parameter(name).model);
}

/** Weights of 16 bits, widened. @param bits of a layer, as they are now */
export function widenedWeights(
  precision: Exclude<Precision, "float32">,
  bits: (name: LayerName) => Uint16Array | null,
): () => Layers {
  const table = wideningTable(precision);
  const read = (name: LayerName) => {
    const found = bits(name);
    if (!found) throw new Error(`"${name}" has no ${precision} copy`);
    return found;
  };
  const widened = mapLayers((name) => new Float32Array(read(name).length));
  return () => {
    for (const name of LAYERS) widen(read(name), table, widened[name]);
    return widened;
  };
}

function widen(bits: Uint16Array, table: Float32Array, target: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i] = table[bits[i]];
}
