import { createRequire } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

// TensorFlow.js, and what this example needs of its types: its own are for older compilers.

export interface Tensor {
  readonly shape: number[];
  readonly dtype: string;
  readonly size: number;
  readonly dataId: object;
  dataSync(): Float32Array;
  data(): Promise<Float32Array>;
  dispose(): void;
}

export interface Variable extends Tensor {
  readonly name: string;
  assign(value: Tensor): void;
}

export type Gradients = Record<string, Tensor>;

export interface TfOptimizer {
  minimize(loss: () => Tensor): Tensor | null;
  applyGradients(gradients: Gradients): void;
  dispose(): void;
}

/** A value and, for a gradient of it, those of the inputs. */
interface CustomGradient {
  value: Tensor;
  gradFunc(dy: Tensor, saved: Tensor[]): Tensor | Tensor[];
}

export type Save = (tensors: Tensor[]) => void;

export interface Tf {
  readonly Optimizer: abstract new () => TfOptimizer;
  readonly serialization: { registerClass(cls: never): unknown };
  readonly train: { adam(lr: number, beta1: number, beta2: number, eps: number): TfOptimizer };
  setBackend(name: string): Promise<boolean>;
  getBackend(): string;
  enableProdMode(): void;
  backend(): object;
  engine(): { readonly registeredVariables: Record<string, object> };
  memory(): { readonly numTensors: number };
  tidy<Result>(work: () => Result): Result;
  dispose(tensors: unknown): void;

  tensor(
    values: ArrayLike<number> | Float32Array | Int32Array,
    shape?: readonly number[],
    dtype?: string,
  ): Tensor;
  variable(initial: Tensor, trainable?: boolean, name?: string): Variable;
  variableGrads(loss: () => Tensor, variables?: Variable[]): { value: Tensor; grads: Gradients };
  customGrad(work: (a: Tensor, save: Save) => CustomGradient): (a: Tensor) => Tensor;
  customGrad(
    work: (a: Tensor, b: Tensor, save: Save) => CustomGradient,
  ): (a: Tensor, b: Tensor) => Tensor;
  grads(work: (...inputs: Tensor[]) => Tensor): (inputs: Tensor[], dy?: Tensor) => Tensor[];

  add(a: Tensor, b: Tensor): Tensor;
  sub(a: Tensor, b: Tensor): Tensor;
  mul(a: Tensor, b: Tensor | number): Tensor;
  div(a: Tensor, b: Tensor | number): Tensor;
  neg(a: Tensor): Tensor;
  square(a: Tensor): Tensor;
  sqrt(a: Tensor): Tensor;
  rsqrt(a: Tensor): Tensor;
  relu(a: Tensor): Tensor;
  sum(a: Tensor, axis?: number): Tensor;
  mean(a: Tensor, axis?: number, keepDims?: boolean): Tensor;
  softmax(a: Tensor): Tensor;
  logSoftmax(a: Tensor): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
  gather(a: Tensor, indices: Tensor): Tensor;
  reshape(a: Tensor, shape: readonly number[]): Tensor;
  transpose(a: Tensor, order?: readonly number[]): Tensor;
}

const require = createRequire(import.meta.url);
const load = (path: string) => import(pathToFileURL(path).href);

/** TensorFlow.js on one of its backends that train in Node without native code. */
export async function loadTensorFlow(backend: "wasm" | "cpu" = "wasm"): Promise<Tf> {
  const tf: Tf = await load(require.resolve("@tensorflow/tfjs"));
  tf.enableProdMode();
  const path = require.resolve("@tensorflow/tfjs-backend-wasm");
  const wasm: { setWasmPaths(folder: string): void } = await load(path);
  wasm.setWasmPaths(`${dirname(path)}/`);
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend "${backend}"`);
  return tf;
}
