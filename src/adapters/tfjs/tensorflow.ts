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

/** TensorFlow.js's abstract class Optimizer. */
export type AbstractOptimizer = abstract new () => object;

/** The namespace of @tensorflow/tfjs or @tensorflow/tfjs-core. */
export interface TensorFlow {
  /** The class that optimizers extend. */
  readonly Optimizer: AbstractOptimizer;
  /** Where a saved model finds classes by their names. */
  readonly serialization: {
    /** Makes a class known. */
    registerClass(cls: never): unknown;
  };
  /** The backend in use. */
  backend(): object;
  /** What holds the variables. */
  engine(): {
    /** All variables by name. */
    readonly registeredVariables: { readonly [name: string]: object };
  };
  /** Makes a tensor out of values. */
  tensor(values: never, shape: never, dtype: never): object;
  /** Runs `work`, and frees the tensors that it leaves behind. */
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
