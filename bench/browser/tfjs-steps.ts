import * as tfjs from "../../src/adapters/tfjs/index.ts";
import { fillGradients, fillWeights, HYPER } from "../harness/data.ts";

// Where the time of one optimizer step of TensorFlow.js goes, on the backend that is set: in Node
// and in browsers. Types of the package are spelled out, as its own do not compile beside ours.

interface Tensor {
  readonly shape: number[];
  readonly dataId: object;
  dataSync(): Float32Array;
  data(): Promise<Float32Array>;
  dispose(): void;
}

interface Variable extends Tensor {
  readonly name: string;
}

interface Optimizer {
  applyGradients(gradients: Record<string, Tensor>): void;
  dispose(): void;
}

export interface TensorFlow {
  backend(): object;
  tensor(values: Float32Array, shape: number[]): Tensor;
  variable(initial: Tensor, trainable: boolean, name: string): Variable;
  mul(a: Tensor, b: number): Tensor;
  reshape(a: Tensor, shape: number[]): Tensor;
  slice(a: Tensor, begin: number[], size: number[]): Tensor;
  tidy<Result>(work: () => Result): Result;
  dispose(tensors: unknown): void;
  readonly train: {
    adam(lr: number, beta1: number, beta2: number, eps: number): Optimizer;
  };
}

/** Milliseconds of each round. */
export interface StepTimes {
  readonly parameters: number;
  readonly total: readonly number[];
  /** Gradients from the backend: what `dataSync`, or `data`, takes. */
  readonly download: readonly number[];
  /** The step, copying gradients into ashlar's memory included. */
  readonly ashlar: readonly number[];
  /** New tensors of the weights, until the backend has them where it computes. */
  readonly upload: readonly number[];
  /** tf.train.adam on the same gradients, until its weights are there. */
  readonly adam: readonly number[];
}

export interface StepOptions {
  readonly rounds: number;
  /** No further round begins after so long, once there are `fewest`. */
  readonly limitMs: number;
  /** Whether values cannot be read at once: they are awaited. */
  readonly awaits: boolean;
}

const SHAPES = [[1024, 768], [768], [768, 256], [256], [256, 64], [64]];
const FEWEST_ROUNDS = 7;
const WARM_ROUNDS = 3;

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
let models = 0;

/** A model's variables, and gradients that the backend makes anew for each step. */
function makeModel(tf: TensorFlow) {
  const prefix = `steps${models++}`;
  const variables = SHAPES.map((shape, i) => {
    const values = new Float32Array(sizeOf(shape));
    fillWeights(values);
    return tf.tidy(() => tf.variable(tf.tensor(values, shape), true, `${prefix}/${i}`));
  });
  const sources = SHAPES.map((shape) => {
    const values = new Float32Array(sizeOf(shape));
    fillGradients(values);
    return tf.tensor(values, shape);
  });
  return {
    variables,
    gradients: (): Tensor[] => sources.map((source) => tf.mul(source, 1.5)),
    close: () => tf.dispose([...variables, ...sources]),
  };
}

/** The first element of each: an operation that needs the tensors where the backend computes. */
function heads(tf: TensorFlow, tensors: readonly Tensor[]): Tensor[] {
  return tf.tidy(() =>
    tensors.map((tensor) => tf.slice(tf.reshape(tensor, [sizeOf(tensor.shape)]), [0], [1])),
  );
}

async function settle(tf: TensorFlow, tensors: readonly Tensor[], awaits: boolean) {
  const made = heads(tf, tensors);
  // In order: once the last is read, the others are done.
  const last = made[made.length - 1];
  if (awaits) await last.data();
  else last.dataSync();
  tf.dispose(made);
}

/** Counts the time of a method's calls while `sum` is read and reset by the caller. */
function stopwatch() {
  const watch = { ms: 0 };
  const timed =
    <Given extends unknown[], Result>(call: (...given: Given) => Result) =>
    (...given: Given): Result => {
      const start = performance.now();
      try {
        return call(...given);
      } finally {
        watch.ms += performance.now() - start;
      }
    };
  return { watch, timed };
}

/** Steps by ashlar and by tf.train.adam in turns, each on fresh gradients of the backend. */
export async function timeSteps(
  tf: TensorFlow,
  { rounds, limitMs, awaits }: StepOptions,
): Promise<StepTimes> {
  await tfjs.ready();
  const [ours, theirs] = [makeModel(tf), makeModel(tf)];
  const { lr, beta1, beta2, eps } = HYPER;
  const options = { lr, betas: [beta1, beta2], eps, weightDecay: 0 } as const;
  const optimizer = tfjs.adamW(tf as never, options) as tfjs.AshlarMembers & Optimizer;
  const adam = tf.train.adam(lr, beta1, beta2, eps);
  const named = (variables: Variable[], gradients: Tensor[]) =>
    Object.fromEntries(variables.map(({ name }, i) => [name, gradients[i]]));

  const ashlarStep = async () => {
    const gradients = ours.gradients();
    await settle(tf, gradients, awaits);
    const [down, step] = [stopwatch(), stopwatch()];
    const inner = optimizer.ashlar as { step?: unknown } | null;
    if (inner) {
      const own = Object.getPrototypeOf(inner).step as (...given: unknown[]) => unknown;
      inner.step = step.timed(own.bind(inner));
    }
    const start = performance.now();
    if (awaits) {
      await Promise.all(gradients.map((gradient) => gradient.data()));
      down.watch.ms = performance.now() - start;
    } else {
      for (const gradient of gradients) {
        gradient.dataSync = down.timed(gradient.dataSync.bind(gradient));
      }
    }
    optimizer.applyGradients(named(ours.variables, gradients));
    await settle(tf, ours.variables, awaits);
    const total = performance.now() - start;
    tf.dispose(gradients);
    const [download, ashlar] = [down.watch.ms, step.watch.ms];
    return { total, download, ashlar, upload: total - download - ashlar };
  };
  const adamStep = async () => {
    const gradients = theirs.gradients();
    await settle(tf, gradients, awaits);
    const start = performance.now();
    adam.applyGradients(named(theirs.variables, gradients));
    await settle(tf, theirs.variables, awaits);
    const total = performance.now() - start;
    tf.dispose(gradients);
    return total;
  };

  const times: Record<keyof Omit<StepTimes, "parameters">, number[]> = {
    ...{ total: [], download: [], ashlar: [], upload: [], adam: [] },
  };
  const begin = performance.now();
  for (let round = -WARM_ROUNDS; round < rounds; round++) {
    if (round >= FEWEST_ROUNDS && performance.now() - begin > limitMs) break;
    const step = await ashlarStep();
    const other = await adamStep();
    if (round < 0) continue;
    for (const [part, ms] of Object.entries({ ...step, adam: other })) {
      times[part as keyof typeof times].push(ms);
    }
  }
  optimizer.dispose();
  adam.dispose();
  for (const model of [ours, theirs]) model.close();
  return { parameters: SHAPES.reduce((sum, shape) => sum + sizeOf(shape), 0), ...times };
}
