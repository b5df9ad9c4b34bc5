import { type Kernels, tensor, view } from "./framework.ts";

/** A tensor that is trained, and its gradient. */
export interface Parameter {
  readonly name: string;
  readonly length: number;
  /** Addresses of float32[length]. */
  readonly param: number;
  readonly grad: number;
}

/** Rows of inputs and their labels, in the heap. */
export interface Batch {
  readonly rows: number;
  /** float32[rows, inputs] */
  readonly features: number;
  /** uint8[rows] */
  readonly labels: number;
}

/** Inputs, one hidden layer with ReLU, a score for each class. All of it lies in the heap. */
export class Network {
  readonly parameters: readonly Parameter[];
  readonly #kernels: Kernels;
  readonly #sizes: readonly [inputs: number, hidden: number, classes: number];
  /** Activations and their gradients: hidden, its gradient, scores, their gradient. */
  readonly #work: readonly [number, number, number, number];

  /** @param mostRows of a batch */
  constructor(
    kernels: Kernels,
    sizes: readonly [inputs: number, hidden: number, classes: number],
    mostRows: number,
  ) {
    const [inputs, hidden, classes] = sizes;
    const parameter = (name: string, length: number): Parameter => ({
      name,
      length,
      param: tensor(kernels, length),
      grad: tensor(kernels, length),
    });
    this.#kernels = kernels;
    this.#sizes = sizes;
    this.parameters = [
      parameter("hidden.weight", inputs * hidden),
      parameter("hidden.bias", hidden),
      parameter("scores.weight", hidden * classes),
      parameter("scores.bias", classes),
    ];
    const activation = (columns: number) => tensor(kernels, mostRows * columns);
    this.#work = [activation(hidden), activation(hidden), activation(classes), activation(classes)];
    this.#fill();
  }

  /** Uniform in the bounds of He et al. 2015; biases stay zero. */
  #fill(): void {
    const [inputs, hidden] = this.#sizes;
    let state = 0x2545f491;
    for (const { name, length, param } of this.parameters) {
      if (name.endsWith("bias")) continue;
      const bound = Math.sqrt(6 / (name === "hidden.weight" ? inputs : hidden));
      const weights = view(this.#kernels, param, length);
      for (let i = 0; i < length; i++) {
        // xorshift32
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        weights[i] = bound * ((state >>> 0) / 0x8000_0000 - 1);
      }
    }
  }

  /** Scores of a batch. @returns the address of float32[rows, classes], until the next call */
  forward({ rows, features }: Batch): number {
    const [inputs, hidden, classes] = this.#sizes;
    const [first, firstBias, second, secondBias] = this.parameters;
    const [activations, , scores] = this.#work;
    const kernels = this.#kernels;
    kernels.dense(features, first.param, firstBias.param, activations, rows, inputs, hidden);
    kernels.relu(activations, rows * hidden);
    kernels.dense(activations, second.param, secondBias.param, scores, rows, hidden, classes);
    return scores;
  }

  /** Adds the loss's gradients to those of the parameters. @returns the loss */
  backward(batch: Batch): number {
    const [inputs, hidden, classes] = this.#sizes;
    const [first, firstBias, second, secondBias] = this.parameters;
    const [activations, dActivations, , dScores] = this.#work;
    const { rows, features, labels } = batch;
    const kernels = this.#kernels;
    const scores = this.forward(batch);
    const loss = kernels.squaredHinge(scores, labels, dScores, rows, classes);
    const outer = [rows, hidden, classes] as const;
    kernels.denseGradient(activations, dScores, second.grad, secondBias.grad, ...outer);
    kernels.denseReluGradient(activations, second.param, dScores, dActivations, ...outer);
    kernels.denseGradient(features, dActivations, first.grad, firstBias.grad, rows, inputs, hidden);
    return loss;
  }
}
