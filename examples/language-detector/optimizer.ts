import {
  AdamW,
  type AdamWGroup,
  type AdamWOptions,
  cosineWithWarmup,
  layerDecay,
  noDecayOnBiasAndNorm,
} from "ashlar";
import type { Precision } from "./flags.ts";
import { LAYERS, type LayerName, type Layers, layerShapes, type NetworkShape } from "./network.ts";

export const BETAS = [0.9, 0.999] as const;
export const EPS = 1e-8;
export const WEIGHT_DECAY = 0.01;

/** Peak learning rates. The wide part sums up to 10,000 weights a class where the rest averages. */
const PEAKS = { deep: 1e-3, wide: 1.5e-3, new: 3e-3 } as const;
type Group = keyof typeof PEAKS;

export interface OptimizerSettings {
  readonly steps: number;
  readonly layerDecay: number;
  readonly precision: Precision;
  /** Default 1. The weights are the same for any number. */
  readonly threads?: number | "auto";
}

export function groupOf(name: LayerName): Group {
  if (name.startsWith("new.")) return "new";
  return name.startsWith("wide.") ? "wide" : "deep";
}

/** Where a layer lies, for the layer decay: every last layer is a head. */
export function layerOf(name: string): "embedding" | number | "head" {
  if (name.startsWith("embedding.")) return "embedding";
  if (name.startsWith("hidden1.")) return 0;
  return name.startsWith("hidden2.") ? 1 : "head";
}

/** Learning rate of a group at a step, counted from 0, before any layer's share. */
export function schedule(group: Group, steps: number) {
  return cosineWithWarmup({
    peak: PEAKS[group],
    warmupSteps: Math.floor(steps / 10),
    totalSteps: steps,
  });
}

/** Every layer's share of its group's rate. */
export function layerRule(rate: number) {
  return layerDecay({ rate, layers: 2, layerOf });
}

/** What an AdamW of these weights is made of, on one rank or on many. */
export interface Recipe {
  readonly groups: readonly AdamWGroup[];
  readonly options: AdamWOptions;
}

/** The param groups, with the initial weights, and the options. */
export function recipe(
  start: Layers,
  shape: NetworkShape,
  { steps, layerDecay: rate, precision, threads = 1 }: OptimizerSettings,
): Recipe {
  const shapes = layerShapes(shape);
  const groups = (Object.keys(PEAKS) as Group[]).map((name) => ({
    name,
    lr: schedule(name, steps),
    params: Object.fromEntries(
      LAYERS.filter((layer) => groupOf(layer) === name).map((layer) => [
        layer,
        { shape: shapes[layer], data: start[layer] },
      ]),
    ),
  }));
  const options: AdamWOptions = {
    betas: [...BETAS],
    eps: EPS,
    weightDecay: WEIGHT_DECAY,
    decays: noDecayOnBiasAndNorm,
    lrScale: layerRule(rate),
    threads,
    precision: { model: precision },
    // The gradients of a softmax are finite, and the plain loop beside it doesn't look either.
    nonFinite: "allow",
  };
  return { groups, options };
}

/** The optimizer that holds the weights from now on: the network reads them out of its memory. */
export function makeOptimizer(
  start: Layers,
  shape: NetworkShape,
  settings: OptimizerSettings,
): Promise<AdamW> {
  const { groups, options } = recipe(start, shape, settings);
  return AdamW.create(groups, options);
}
