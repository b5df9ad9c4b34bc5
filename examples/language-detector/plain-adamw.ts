import type { Precision } from "./flags.ts";
import { narrow } from "./half.ts";

/**
 * The rival: AdamW as one would write it in JavaScript, and as fast as that goes.
 *
 * One pass over typed arrays, every scalar hoisted, no look-up, call or allocation inside, float64
 * arithmetic (with Math.fround, V8 takes twice the time; unrolled by four, the same). At 16 bits it
 * writes the model copy too, since ashlar does.
 */

/** One parameter, with state of its own. */
export interface PlainParameter {
  readonly weights: Float32Array;
  /** The weights in 16 bits, written by each update; null at float32. */
  readonly model: Uint16Array | null;
  readonly expAvg: Float32Array;
  readonly expAvgSq: Float32Array;
  readonly weightDecay: number;
}

export interface PlainOptions {
  readonly precision: Precision;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
}

/** The moments of a run that goes on. */
export interface PlainMoments {
  readonly expAvg: Float32Array;
  readonly expAvgSq: Float32Array;
}

export class PlainAdamW {
  readonly #options: PlainOptions;
  #beta1Power = 1;
  #beta2Power = 1;

  /** @param steps how many were taken before, in a run that goes on */
  constructor(options: PlainOptions, steps = 0) {
    this.#options = options;
    for (let step = 0; step < steps; step++) this.begin();
  }

  /** Copies the weights; `weightDecay` is 0 for a parameter that doesn't decay. */
  add(weights: Float32Array, weightDecay: number, moments?: PlainMoments): PlainParameter {
    const { precision } = this.#options;
    return {
      weights: weights.slice(),
      model: precision === "float32" ? null : new Uint16Array(weights.length),
      expAvg: moments?.expAvg.slice() ?? new Float32Array(weights.length),
      expAvgSq: moments?.expAvgSq.slice() ?? new Float32Array(weights.length),
      weightDecay,
    };
  }

  /** Begins a step: the bias corrections are the same for all parameters. */
  begin(): void {
    this.#beta1Power *= this.#options.beta1;
    this.#beta2Power *= this.#options.beta2;
  }

  /** Moves one parameter by its gradient. */
  update(parameter: PlainParameter, gradient: Float32Array, lr: number): void {
    const { beta1, beta2, eps, precision } = this.#options;
    const { weights, model, expAvg, expAvgSq, weightDecay } = parameter;
    const correction2 = Math.sqrt(1 - this.#beta2Power);
    updateAll(
      weights,
      gradient,
      expAvg,
      expAvgSq,
      beta1,
      beta2,
      1 - lr * weightDecay,
      (lr * correction2) / (1 - this.#beta1Power),
      eps * correction2,
    );
    if (model && precision !== "float32") narrow(new Uint32Array(weights.buffer), precision, model);
  }
}

function updateAll(
  weights: Float32Array,
  gradient: Float32Array,
  expAvg: Float32Array,
  expAvgSq: Float32Array,
  beta1: number,
  beta2: number,
  keep: number,
  stepSize: number,
  eps: number,
): void {
  const fresh1 = 1 - beta1;
  const fresh2 = 1 - beta2;
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i];
    const m = expAvg[i] * beta1 + g * fresh1;
    const v = expAvgSq[i] * beta2 + g * g * fresh2;
    expAvg[i] = m;
    expAvgSq[i] = v;
    weights[i] = weights[i] * keep - (m * stepSize) / (Math.sqrt(v) + eps);
  }
}
