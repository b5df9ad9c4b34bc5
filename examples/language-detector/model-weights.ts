import type { AdamW } from "ashlar";
import type { Precision } from "./flags.ts";
import { wideningTable } from "./half.ts";
import { LAYERS, type Layers, mapLayers } from "./network.ts";

/**
 * Gives the weights that the network computes with, as they are now.
 *
 * At float32 these are views of the optimizer's own memory, and nothing is copied. At 16 bits it is
 * the optimizer's 16-bit model copy, widened.
 */
export function modelWeights(optimizer: AdamW, precision: Precision): () => Layers {
  if (precision === "float32") return () => mapLayers((name) => optimizer.parameter(name).master);
  const table = wideningTable(precision);
  const widened = mapLayers((name) => new Float32Array(optimizer.parameter(name).length));
  return () => {
    for (const name of LAYERS) {
      const { model } = optimizer.parameter(name);
      if (!model) throw new Error(`"${name}" has no ${precision} copy`);
      widen(model, table, widened[name]);
    }
    return widened;
  };
}

function widen(bits: Uint16Array, table: Float32Array, target: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i] = table[bits[i]];
}
