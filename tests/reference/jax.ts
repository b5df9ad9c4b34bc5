// jax-js on its WebAssembly backend, and what tests need of its types: the package's own do not
// compile beside this project's.

export interface Arr {
  readonly shape: number[];
  readonly size: number;
  readonly dtype: string;
  readonly device: string;
  readonly refCount: number;
  readonly ref: Arr;
  dispose(): void;
  dataSync(): Float32Array;
  data(): Promise<Float32Array>;
  add(other: Arr | number): Arr;
  sub(other: Arr | number): Arr;
  mul(other: Arr | number): Arr;
  div(other: Arr | number): Arr;
  sum(): Arr;
  mean(): Arr;
  astype(dtype: string): Arr;
  item(): number;
}

interface Numpy {
  array(values: unknown, options?: { shape?: number[]; dtype?: string; device?: string }): Arr;
  zeros(shape: number[]): Arr;
  ones(shape: number[]): Arr;
  matmul(a: Arr, b: Arr): Arr;
  tanh(x: Arr): Arr;
  sqrt(x: Arr): Arr;
  readonly float32: string;
  readonly int32: string;
}

type Loss<Params> = (params: Params, ...rest: Arr[]) => Arr;
type LossAndGrads<Params> = (params: Params, ...rest: Arr[]) => [Arr, Params];

export interface Jax {
  init(device: string): Promise<readonly string[]>;
  defaultDevice(device: string): string;
  blockUntilReady<Tree>(tree: Tree): Promise<Tree>;
  jit<F>(fn: F): F & { dispose(): void };
  valueAndGrad<Params>(loss: Loss<Params>): LossAndGrads<Params>;
  readonly numpy: Numpy;
  readonly tree: {
    ref<Tree>(tree: Tree): Tree;
    dispose(tree: unknown): void;
    leaves(tree: unknown): Arr[];
    map<Tree>(fn: (...leaves: Arr[]) => Arr, tree: Tree, ...rest: Tree[]): Tree;
  };
}

const PACKAGE: string = "@jax-js/jax";

/** The memories that jax-js made for its WebAssembly backend; they only ever grow. */
export const memories: WebAssembly.Memory[] = [];

export async function loadJax(): Promise<Jax> {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
  try {
    const jax: Jax = await import(PACKAGE);
    await jax.init("wasm");
    jax.defaultDevice("wasm");
    return jax;
  } finally {
    WebAssembly.Memory = Memory;
  }
}

/** What applyUpdates of @jax-js/optax does, which is not on npm: p + u, leaf by leaf. */
export const applyUpdates = <Tree>({ tree }: Jax, params: Tree, updates: Tree): Tree =>
  tree.map((p, u) => p.add(u), params, updates);
