import type { AdamW } from "ashlar";
import { LAYERS, type Layers, mapLayers, type Network } from "./network.ts";
import type { Rival } from "./rival.ts";
import type { Sampler } from "./sampler.ts";

export const BATCH = 32;

/** What a step needs. */
export interface Learner {
  readonly optimizer: AdamW;
  /** Learns from the same gradients, for its time and to compare the weights; null for no rival. */
  readonly rival: Rival | null;
  readonly network: Network;
  readonly weights: () => Layers;
  readonly sampler: Sampler;
}

export interface Training extends Learner {
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

/** One step: its batch's mean loss before it, in nats, and its parts' times. */
export interface StepTaken {
  readonly loss: number;
  readonly gradientSeconds: number;
  readonly optimizerSeconds: number;
  readonly plainJsOptimizerSeconds: number;
}

/** Trains, and times the three parts apart. */
export function train({ steps, onStep, ...learner }: Training): Trained {
  const taken: StepTaken[] = [];
  for (let step = 0; step < steps; step++) {
    taken.push(takeStep(learner, step));
    onStep(step + 1, taken[step].loss);
  }
  const total = (of: (step: StepTaken) => number) => taken.reduce((sum, one) => sum + of(one), 0);
  return {
    losses: taken.map(({ loss }) => loss),
    gradientSeconds: total((step) => step.gradientSeconds),
    optimizerSeconds: total((step) => step.optimizerSeconds),
    plainJsOptimizerSeconds: total((step) => step.plainJsOptimizerSeconds),
  };
}

/**
 * Takes one step. Gradients are written where the optimizer reads them.
 *
 * @param step counted from 0
 */
export function takeStep(learner: Learner, step: number): StepTaken {
  const { optimizer, rival, network, sampler } = learner;
  const batch = Array.from({ length: BATCH }, () => sampler.next());
  const gradients = mapLayers((name) => optimizer.gradient(name));
  let loss = 0;
  const gradientSeconds = secondsOf(() => {
    const weights = learner.weights();
    for (const name of LAYERS) gradients[name].fill(0);
    for (const { features, label } of batch) {
      loss += network.backward(weights, gradients, features, label, 1 / BATCH) / BATCH;
    }
  });
  // In turns, so that neither always finds the gradients in the cache.
  const ashlarFirst = step % 2 === 0;
  let optimizerSeconds = ashlarFirst ? secondsOf(() => optimizer.step()) : 0;
  const plainJsOptimizerSeconds = secondsOf(() => rival?.step(gradients, step));
  if (!ashlarFirst) optimizerSeconds = secondsOf(() => optimizer.step());
  return { loss, gradientSeconds, optimizerSeconds, plainJsOptimizerSeconds };
}

function secondsOf(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}
