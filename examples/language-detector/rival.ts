import type { AdamW } from "ashlar";
import type { Precision } from "./flags.ts";
import { LAYERS, type LayerName, type Layers, mapLayers } from "./network.ts";
import { BETAS, EPS, groupOf, schedule, WEIGHT_DECAY } from "./optimizer.ts";
import { PlainAdamW, type PlainParameter } from "./plain-adamw.ts";

interface RivalParameter {
  readonly state: PlainParameter;
  /** Learning rate at a step, the layer's share included. */
  readonly lr: (step: number) => number;
}

/**
 * The plain loop, set up like the optimizer: same weights, groups, layer shares and decay. It goes on
 * from where the optimizer stands, its moments included.
 */
export class Rival {
  readonly #adamw: PlainAdamW;
  readonly #parameters: Record<LayerName, RivalParameter>;

  constructor(optimizer: AdamW, steps: number, precision: Precision) {
    const [beta1, beta2] = BETAS;
    this.#adamw = new PlainAdamW({ beta1, beta2, eps: EPS, precision }, optimizer.steps);
    this.#parameters = mapLayers((name) => {
      const { master, expAvg, expAvgSq, decays, lrScale } = optimizer.parameter(name);
      const base = schedule(groupOf(name), steps);
      return {
        state: this.#adamw.add(master, decays ? WEIGHT_DECAY : 0, { expAvg, expAvgSq }),
        lr: (step) => base(step) * lrScale,
      };
    });
  }

  /** Moves every parameter. @param step counted from 0 */
  step(gradients: Layers, step: number): void {
    this.#adamw.begin();
    for (const name of LAYERS) {
      const { state, lr } = this.#parameters[name];
      this.#adamw.update(state, gradients[name], lr(step));
    }
  }

  /** Largest distance between a weight of the rival and the optimizer's. */
  distanceTo(optimizer: AdamW): number {
    let largest = 0;
    for (const name of LAYERS) {
      const { master } = optimizer.parameter(name);
      const { weights } = this.#parameters[name].state;
      for (let i = 0; i < weights.length; i++) {
        largest = Math.max(largest, Math.abs(weights[i] - master[i]));
      }
    }
    return largest;
  }
}
