// What this adapter needs of TensorFlow.js, spelled out: the package itself is the caller's, and types
// of its own do not compile under every setting.

export interface Tensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly size: number;
  readonly dataId: object;
  dataSync(): ArrayLike<number>;
  data(): Promise<ArrayLike<number>>;
}

export interface Variable extends Tensor {
  readonly name: string;
  assign(value: Tensor): void;
}

export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** The gradients that an optimizer is given; null or undefined for none. */
export type VariableGradients =
  | Readonly<Record<string, Tensor | null | undefined>>
  | readonly { readonly name: string; readonly tensor?: Tensor | null | undefined }[];

/** The namespace of @tensorflow/tfjs or @tensorflow/tfjs-core. */
export interface TensorFlow {
  readonly Optimizer: abstract new () => object;
  readonly serialization: { registerClass(cls: never): unknown };
  backend(): object;
  engine(): { readonly registeredVariables: { readonly [name: string]: object } };
  tensor(values: never, shape: never, dtype: never): object;
  tidy(work: () => void): unknown;
}

/** An optimizer as the caller's TensorFlow.js types it. */
export type OptimizerOf<Namespace extends TensorFlow> =
  Namespace["Optimizer"] extends abstract new (
    ...given: never
  ) => infer Instance
    ? Instance
    : never;

/** The methods of the class Optimizer that subclasses use and overwrite. */
export interface OptimizerBase {
  iterations_: number;
  saveIterations(): Promise<NamedTensor>;
  getWeights(): Promise<NamedTensor[]>;
  setWeights(weights: NamedTensor[]): Promise<void>;
  dispose(): void;
}

/** The same functions, with the types that this adapter relies on. */
export interface Operations {
  readonly Optimizer: new () => OptimizerBase;
  readonly serialization: { registerClass(cls: unknown): void };
  backend(): object;
  engine(): { readonly registeredVariables: Readonly<Record<string, Variable>> };
  tensor(values: ArrayBufferView, shape: readonly number[], dtype: string): Tensor;
  tidy(work: () => void): void;
}
