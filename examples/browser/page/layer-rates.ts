import { type groupOf, schedule } from "../../language-detector/optimizer.ts";
import type { ParameterInfo } from "../protocol.ts";

type Group = ReturnType<typeof groupOf>;

/** A layer's weight and bias, which share one learning rate. */
export interface LayerRate {
  readonly name: string;
  readonly group: Group;
  readonly lrScale: number;
  readonly count: number;
  /** Rate that step number `step` takes, counted from 1. */
  readonly at: (step: number) => number;
  readonly peak: number;
}

/** The layers in the order of the parameters, with the rates that the run has planned. */
export function layerRates(parameters: readonly ParameterInfo[], steps: number): LayerRate[] {
  const layers = new Map<string, ParameterInfo[]>();
  for (const parameter of parameters) {
    const name = parameter.name.replace(/\.(weight|bias)$/, "");
    layers.set(name, [...(layers.get(name) ?? []), parameter]);
  }
  return [...layers].map(([name, own]) => {
    const { group, lrScale } = own[0];
    const lr = schedule(group, steps);
    const at = (step: number) => lr(step - 1) * lrScale;
    return {
      name,
      group,
      lrScale,
      count: own.reduce((sum, { count }) => sum + count, 0),
      at,
      peak: at(Math.min(steps, Math.floor(steps / 10) + 1)), // the first after the warm-up
    };
  });
}
