import { exp, log } from "ashlar/numbers";
import type { Features } from "./features.ts";

/**
 * guesslang's network, forwards and backwards.
 *
 *   byte pairs --mean of rows--> embedding --> hidden1 --> hidden2 --> logits --+
 *   byte pairs --sum of rows------------------------------------------> wide ---+--> softmax
 *
 * The last layer is kept in two: the columns of the languages that it knew, and the columns of the
 * new ones ("new."), so that the optimizer can give them learning rates of their own.
 *
 * Weights and gradients are float32, everything in between is float64, and every loop has one order:
 * with the exp and log of ashlar/numbers the same weights come out in every engine.
 */

export interface NetworkShape {
  readonly buckets: number;
  readonly embedding: number;
  readonly hidden1: number;
  readonly hidden2: number;
  readonly oldClasses: number;
  readonly newClasses: number;
}

export const LAYERS = [
  "embedding.weight",
  "hidden1.weight",
  "hidden1.bias",
  "hidden2.weight",
  "hidden2.bias",
  "logits.weight",
  "logits.bias",
  "wide.weight",
  "wide.bias",
  "new.logits.weight",
  "new.logits.bias",
  "new.wide.weight",
  "new.wide.bias",
] as const;

export type LayerName = (typeof LAYERS)[number];

/** One float32 array per layer: weights, or the gradients of them. */
export type Layers = Readonly<Record<LayerName, Float32Array>>;

/** Makes a value for every layer. */
export function mapLayers<T>(make: (name: LayerName) => T): Record<LayerName, T> {
  return Object.fromEntries(LAYERS.map((name) => [name, make(name)])) as Record<LayerName, T>;
}

/** Row-major shape of every layer; a weight is [inputs, outputs]. */
export function layerShapes(shape: NetworkShape): Record<LayerName, readonly number[]> {
  const { buckets, embedding, hidden1, hidden2, oldClasses, newClasses } = shape;
  return {
    "embedding.weight": [buckets, embedding],
    "hidden1.weight": [embedding, hidden1],
    "hidden1.bias": [hidden1],
    "hidden2.weight": [hidden1, hidden2],
    "hidden2.bias": [hidden2],
    "logits.weight": [hidden2, oldClasses],
    "logits.bias": [oldClasses],
    "wide.weight": [buckets, oldClasses],
    "wide.bias": [oldClasses],
    "new.logits.weight": [hidden2, newClasses],
    "new.logits.bias": [newClasses],
    "new.wide.weight": [buckets, newClasses],
    "new.wide.bias": [newClasses],
  };
}

/** One file at a time: its activations stay here between the way forwards and the way back. */
export class Network {
  readonly #oldClasses: number;
  readonly #embedded: Float64Array;
  readonly #hidden1: Float64Array;
  readonly #hidden2: Float64Array;
  readonly #logits: Float64Array;
  readonly #probabilities: Float64Array;
  readonly #toEmbedded: Float64Array;
  readonly #toHidden1: Float64Array;
  readonly #toHidden2: Float64Array;
  #logNormaliser = 0;

  constructor(shape: NetworkShape) {
    const classes = shape.oldClasses + shape.newClasses;
    this.#oldClasses = shape.oldClasses;
    this.#embedded = new Float64Array(shape.embedding);
    this.#hidden1 = new Float64Array(shape.hidden1);
    this.#hidden2 = new Float64Array(shape.hidden2);
    this.#logits = new Float64Array(classes);
    this.#probabilities = new Float64Array(classes);
    this.#toEmbedded = new Float64Array(shape.embedding);
    this.#toHidden1 = new Float64Array(shape.hidden1);
    this.#toHidden2 = new Float64Array(shape.hidden2);
  }

  /** Probability of every class; the array is reused by the next call. */
  forward(weights: Layers, file: Features): Float64Array {
    this.#embedded.fill(0);
    addRows(this.#embedded, weights["embedding.weight"], file, share(file));
    this.#hidden1.set(weights["hidden1.bias"]);
    addProduct(this.#hidden1, this.#embedded, weights["hidden1.weight"]);
    relu(this.#hidden1);
    this.#hidden2.set(weights["hidden2.bias"]);
    addProduct(this.#hidden2, this.#hidden1, weights["hidden2.weight"]);
    relu(this.#hidden2);
    this.#head(this.#logits.subarray(0, this.#oldClasses), weights, "", file);
    this.#head(this.#logits.subarray(this.#oldClasses), weights, "new.", file);
    this.#logNormaliser = softmax(this.#logits, this.#probabilities);
    return this.#probabilities;
  }

  /**
   * Adds one file's gradient of `scale * loss` to `gradients`, where loss is minus the log of the
   * probability of the file's class.
   *
   * @returns the loss, in nats, not scaled
   */
  backward(
    weights: Layers,
    gradients: Layers,
    file: Features,
    label: number,
    scale: number,
  ): number {
    const delta = this.forward(weights, file);
    const loss = this.#logNormaliser - this.#logits[label];
    delta[label] -= 1;
    for (let k = 0; k < delta.length; k++) delta[k] *= scale;

    this.#toHidden2.fill(0);
    this.#headBack(delta.subarray(0, this.#oldClasses), weights, gradients, "", file);
    this.#headBack(delta.subarray(this.#oldClasses), weights, gradients, "new.", file);
    gate(this.#toHidden2, this.#hidden2);
    addTo(gradients["hidden2.bias"], this.#toHidden2);
    this.#toHidden1.fill(0);
    backProduct(
      this.#hidden1,
      this.#toHidden1,
      weights["hidden2.weight"],
      gradients["hidden2.weight"],
      this.#toHidden2,
    );
    gate(this.#toHidden1, this.#hidden1);
    addTo(gradients["hidden1.bias"], this.#toHidden1);
    this.#toEmbedded.fill(0);
    backProduct(
      this.#embedded,
      this.#toEmbedded,
      weights["hidden1.weight"],
      gradients["hidden1.weight"],
      this.#toHidden1,
    );
    spreadRows(gradients["embedding.weight"], this.#toEmbedded, file, share(file));
    return loss;
  }

  #head(logits: Float64Array, weights: Layers, columns: "" | "new.", file: Features): void {
    logits.set(weights[`${columns}logits.bias`]);
    addProduct(logits, this.#hidden2, weights[`${columns}logits.weight`]);
    addRows(logits, weights[`${columns}wide.weight`], file, 1);
    addTo(logits, weights[`${columns}wide.bias`]);
  }

  #headBack(
    delta: Float64Array,
    weights: Layers,
    gradients: Layers,
    columns: "" | "new.",
    file: Features,
  ): void {
    spreadRows(gradients[`${columns}wide.weight`], delta, file, 1);
    addTo(gradients[`${columns}wide.bias`], delta);
    addTo(gradients[`${columns}logits.bias`], delta);
    backProduct(
      this.#hidden2,
      this.#toHidden2,
      weights[`${columns}logits.weight`],
      gradients[`${columns}logits.weight`],
      delta,
    );
  }
}

/** What one byte pair counts for in a mean. */
function share(file: Features): number {
  return file.total === 0 ? 0 : 1 / file.total;
}

function addTo(target: Float32Array | Float64Array, values: Float32Array | Float64Array): void {
  for (let k = 0; k < target.length; k++) target[k] += values[k];
}

/** target += scale * (sum over the file's buckets of count * that bucket's row). */
function addRows(target: Float64Array, rows: Float32Array, file: Features, scale: number): void {
  const { buckets, counts } = file;
  const width = target.length;
  for (let i = 0; i < buckets.length; i++) {
    const weight = counts[i] * scale;
    const row = buckets[i] * width;
    for (let k = 0; k < width; k++) target[k] += weight * rows[row + k];
  }
}

/** The gradient of addRows: each bucket's row gets its count's share of delta. */
function spreadRows(rows: Float32Array, delta: Float64Array, file: Features, scale: number): void {
  const { buckets, counts } = file;
  const width = delta.length;
  for (let i = 0; i < buckets.length; i++) {
    const weight = counts[i] * scale;
    const row = buckets[i] * width;
    for (let k = 0; k < width; k++) rows[row + k] += weight * delta[k];
  }
}

/** target += input * weight; an input that is zero costs nothing. */
function addProduct(target: Float64Array, input: Float64Array, weight: Float32Array): void {
  const width = target.length;
  for (let i = 0; i < input.length; i++) {
    const x = input[i];
    if (x === 0) continue;
    const row = i * width;
    for (let k = 0; k < width; k++) target[k] += x * weight[row + k];
  }
}

/** The gradient of addProduct: added to the weight's gradient and to the input's, `toInput`. */
function backProduct(
  input: Float64Array,
  toInput: Float64Array,
  weight: Float32Array,
  gradient: Float32Array,
  delta: Float64Array,
): void {
  const width = delta.length;
  for (let i = 0; i < input.length; i++) {
    const x = input[i];
    const row = i * width;
    let sum = 0;
    for (let k = 0; k < width; k++) {
      sum += delta[k] * weight[row + k];
      gradient[row + k] += x * delta[k];
    }
    toInput[i] += sum;
  }
}

function relu(values: Float64Array): void {
  for (let k = 0; k < values.length; k++) if (values[k] < 0) values[k] = 0;
}

/** The gradient of relu: nothing flows through a unit that is off. */
function gate(delta: Float64Array, activation: Float64Array): void {
  for (let k = 0; k < delta.length; k++) if (activation[k] === 0) delta[k] = 0;
}

/** Turns logits into probabilities; returns the log of the sum of exp(logit). */
function softmax(logits: Float64Array, probabilities: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < logits.length; k++) if (logits[k] > largest) largest = logits[k];
  let sum = 0;
  for (let k = 0; k < logits.length; k++) {
    probabilities[k] = exp(logits[k] - largest);
    sum += probabilities[k];
  }
  for (let k = 0; k < logits.length; k++) probabilities[k] /= sum;
  return largest + log(sum);
}
