import type { AdamW } from "ashlar";
import { LAYERS, type Layers, mapLayers, type Network } from "./network.ts";
import type { Rival } from "./rival.ts";
import type { Sampler } from "./sampler.ts";

export const BATCH = 32;

export interface Training {
  readonly optimizer: AdamW;
  /** Learns from the same gradients, for its time and to compare the weights. */
  readonly rival: Rival;
  readonly network: Network;
  readonly weights: () => Layers;
  readonly sampler: Sampler;
  readonly steps: number;
  /** Called after each step with its mean loss. */
  readonly onStep: (step: number, loss: number) => void;
}

export interface Trained {
  /** Mean loss of each step's batch, in nats, before the step. */
  readonly losses: readonly number[];
  readonly gradientSeconds: number;
  readonly optimizerSeconds: number;
  readonly plainJsOptimizerSeconds: number;
}

/** Trains, and times the three parts apart. Gradients are written where the optimizer reads them. */
export function train(training: Training): Trained {
  const { optimizer, rival, network, sampler, steps, onStep } = training;
  const losses: number[] = [];
  const gradient = new Stopwatch();
  const ashlar = new Stopwatch();
  const plain = new Stopwatch();
  for (let step = 0; step < steps; step++) {
    const batch = Array.from({ length: BATCH }, () => sampler.next());
    const gradients = mapLayers((name) => optimizer.gradient(name));
    let loss = 0;
    gradient.time(() => {
      const weights = training.weights();
      for (const name of LAYERS) gradients[name].fill(0);
      for (const { features, label } of batch) {
        loss += network.backward(weights, gradients, features, label, 1 / BATCH) / BATCH;
      }
    });
    // In turns, so that neither always finds the gradients in the cache.
    if (step % 2 === 0) ashlar.time(() => optimizer.step());
    plain.time(() => rival.step(gradients, step));
    if (step % 2 === 1) ashlar.time(() => optimizer.step());
    losses.push(loss);
    onStep(step + 1, loss);
  }
  return {
    losses,
    gradientSeconds: gradient.seconds,
    optimizerSeconds: ashlar.seconds,
    plainJsOptimizerSeconds: plain.seconds,
  };
}

class Stopwatch {
  seconds = 0;

  time(work: () => void): void {
    const start = performance.now();
    work();
    this.seconds += (performance.now() - start) / 1000;
  }
}
