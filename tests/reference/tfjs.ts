import { createRequire } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

// TensorFlow.js on its cpu and wasm backends, and what tests need of its types: the package's own do
// not compile beside this project's.

export interface Tensor {
  readonly shape: number[];
  readonly dtype: string;
  readonly size: number;
  readonly dataId: object;
  dataSync(): Float32Array;
  data(): Promise<Float32Array>;
  dispose(): void;
  clone(): Tensor;
}

export interface Variable extends Tensor {
  readonly name: string;
  assign(value: Tensor): void;
}

export interface NamedTensor {
  name: string;
  tensor: Tensor;
}

type Grads = Record<string, Tensor | null> | { name: string; tensor: Tensor | null }[];

export interface TfOptimizer {
  readonly iterations: number;
  minimize(loss: () => Tensor, returnCost?: boolean, variables?: Variable[]): Tensor | null;
  computeGradients(
    loss: () => Tensor,
    variables?: Variable[],
  ): { value: Tensor; grads: Record<string, Tensor> };
  applyGradients(gradients: Grads): void;
  getWeights(): Promise<NamedTensor[]>;
  setWeights(weights: NamedTensor[]): Promise<void>;
  getConfig(): Record<string, unknown>;
  getClassName(): string;
  dispose(): void;
}

interface SerializableClass {
  readonly className: string;
  fromConfig(cls: unknown, config: object): TfOptimizer;
}

export interface Tf {
  enableProdMode(): void;
  setBackend(name: string): Promise<boolean>;
  getBackend(): string;
  backend(): object;
  engine(): { readonly registeredVariables: Record<string, object> };
  memory(): {
    readonly numTensors: number;
    readonly numBytes: number;
    readonly numDataBuffers: number;
  };
  tensor(values: number[] | Float32Array | Int32Array, shape?: number[], dtype?: string): Tensor;
  variable(initial: Tensor, trainable?: boolean, name?: string, dtype?: string): Variable;
  tidy<Result>(work: () => Result): Result;
  dispose(tensors: unknown): void;
  matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  customGrad(
    f: (...inputs: [Tensor, Tensor, Tensor, Tensor, (tensors: Tensor[]) => void]) => {
      value: Tensor;
      gradFunc: (dy: Tensor, saved: Tensor[]) => Tensor[];
    },
  ): (...inputs: Tensor[]) => Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  sub(a: Tensor, b: Tensor): Tensor;
  mul(a: Tensor, b: Tensor | number): Tensor;
  sum(a: Tensor, axis: number): Tensor;
  square(a: Tensor): Tensor;
  mean(a: Tensor): Tensor;
  relu(a: Tensor): Tensor;
  step(a: Tensor): Tensor;
  readonly Optimizer: abstract new () => TfOptimizer;
  readonly serialization: {
    registerClass(cls: never): unknown;
    readonly SerializationMap: {
      getMap(): { readonly classNameMap: Record<string, [SerializableClass, unknown]> };
    };
  };
  readonly train: {
    adam(lr: number, beta1: number, beta2: number, eps: number): TfOptimizer;
  };
}

const require = createRequire(import.meta.url);
const importCommonJs = (path: string) => import(pathToFileURL(path).href);
export const BACKENDS = ["cpu", "wasm"] as const;
export type Backend = (typeof BACKENDS)[number];

/** The path of a package's main module; null where it is not installed. */
export function find(name: string): string | null {
  try {
    return require.resolve(name);
  } catch {
    return null;
  }
}

/** TensorFlow.js, with both backends. Each test sets the one that it wants. */
export async function loadTf(): Promise<Tf> {
  const tf: Tf = await importCommonJs(require.resolve("@tensorflow/tfjs-core"));
  tf.enableProdMode();
  await importCommonJs(require.resolve("@tensorflow/tfjs-backend-cpu"));
  const path = require.resolve("@tensorflow/tfjs-backend-wasm");
  const wasm: { setWasmPaths(folder: string): void } = await importCommonJs(path);
  wasm.setWasmPaths(`${dirname(path)}/`);
  return tf;
}

/**
 * Mean squared error of two dense layers with a relu between. Its gradient is written out: the core
 * alone has none outside of bundlers.
 */
function mlpLoss(tf: Tf, variables: readonly Tensor[], xs: Tensor, ys: Tensor): Tensor {
  const loss = tf.customGrad((k1, b1, k2, b2, save) => {
    const inner = tf.add(tf.matMul(xs, k1), b1);
    const hidden = tf.relu(inner);
    const error = tf.sub(tf.add(tf.matMul(hidden, k2), b2), ys);
    save([inner, hidden, error]);
    const gradFunc = (dy: Tensor, [inner, hidden, error]: Tensor[]): Tensor[] => {
      const dOut = tf.mul(tf.mul(error, 2 / error.size), dy);
      const dInner = tf.mul(tf.matMul(dOut, k2, false, true), tf.step(inner));
      return [
        tf.matMul(xs, dInner, true),
        tf.sum(dInner, 0),
        tf.matMul(hidden, dOut, true),
        tf.sum(dOut, 0),
      ];
    };
    return { value: tf.mean(tf.square(error)), gradFunc };
  });
  return loss(...variables);
}

let models = 0;

/** Two dense layers on fixed data, with names of their own. */
export function makeModel(tf: Tf, make: (length: number, seed: number) => Float32Array) {
  const prefix = `net${models++}`;
  const shapes = {
    "body/kernel": [6, 8],
    "body/bias": [8],
    "head/kernel": [8, 1],
    "head/bias": [1],
  };
  const variables = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], index) => {
      const size = shape.reduce((product, each) => product * each, 1);
      return [
        name,
        tf.tidy(() =>
          tf.variable(tf.tensor(make(size, index + 1), shape), true, `${prefix}/${name}`),
        ),
      ];
    }),
  ) as Record<keyof typeof shapes, Variable>;
  const xs = tf.tensor(make(16 * 6, 11), [16, 6]);
  const ys = tf.tensor(make(16, 12), [16, 1]);
  const loss = () => mlpLoss(tf, Object.values(variables), xs, ys);
  return {
    prefix,
    variables,
    all: Object.values(variables),
    loss,
    dispose: () => tf.dispose([xs, ys, ...Object.values(variables)]),
  };
}
