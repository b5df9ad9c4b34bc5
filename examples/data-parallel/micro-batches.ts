import { Random } from "../common/random.ts";
import { LAYERS, type Layers, type Network } from "../language-detector/network.ts";
import { type Drawn, Sampler } from "../language-detector/sampler.ts";
import { FILES, type Task } from "./task.ts";

/**
 * The sequence of files that a seed gives, cut into micro-batches: rank r of N takes those at r, N + r,
 * 2 N + r and so on. Every rank walks all of it, and reads only what it takes.
 */
export class MicroBatches {
  readonly #sampler: Sampler;

  constructor({ train, languages }: Task, seed: number) {
    this.#sampler = new Sampler(train, languages, new Random(seed));
  }

  take(): Drawn[] {
    return Array.from({ length: FILES }, () => this.#sampler.next());
  }

  leave(microBatches: number): void {
    for (let i = 0; i < microBatches * FILES; i++) this.#sampler.skip();
  }
}

/**
 * Overwrites the gradients by those of a micro-batch's mean loss.
 *
 * @returns the loss, in nats
 */
export function gradientsOf(
  network: Network,
  weights: Layers,
  gradients: Layers,
  microBatch: readonly Drawn[],
): number {
  for (const name of LAYERS) gradients[name].fill(0);
  let loss = 0;
  for (const { features, label } of microBatch) {
    loss += network.backward(weights, gradients, features, label, 1 / FILES) / FILES;
  }
  return loss;
}
