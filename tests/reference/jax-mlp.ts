import type { Arr, Jax } from "./jax.ts";
import { fraction, weightValue, xorshift32 } from "./random.ts";

// A small perceptron and a task for it: y = x0 * x1 on [-1, 1]^2, which no linear model can do.

export interface Dense {
  readonly weight: Arr;
  readonly bias: Arr;
}

export interface Mlp {
  readonly layers: readonly Dense[];
  readonly head: Dense;
}

export const MLP_NAMES = [
  "layers.0.weight",
  "layers.0.bias",
  "layers.1.weight",
  "layers.1.bias",
  "head.weight",
  "head.bias",
];

const POINTS = 64;

export function makeMlp({ numpy }: Jax): Mlp {
  const next = xorshift32(0x9e3779b9);
  const dense = (inputs: number, outputs: number): Dense => ({
    weight: numpy.array(
      Float32Array.from({ length: inputs * outputs }, () => weightValue(next())),
      { shape: [inputs, outputs] },
    ),
    bias: numpy.zeros([outputs]),
  });
  return { layers: [dense(2, 16), dense(16, 16)], head: dense(16, 1) };
}

export interface Task {
  /** Loss and gradients at the parameters, which keep their use. */
  lossAndGrads(params: Mlp): [loss: number, grads: Mlp];
  /** The same, and the loss may not be known yet. */
  pending(params: Mlp): [loss: Arr, grads: Mlp];
  close(): void;
}

export function makeTask(jax: Jax): Task {
  const { numpy: np, tree } = jax;
  const next = xorshift32(0x2545f491);
  const points = Float32Array.from({ length: 2 * POINTS }, () => fraction(next()));
  const products = Float32Array.from(
    { length: POINTS },
    (_, i) => points[2 * i] * points[2 * i + 1],
  );
  const x = np.array(points, { shape: [POINTS, 2] });
  const y = np.array(products, { shape: [POINTS, 1] });
  const predict = ({ layers, head }: Mlp, input: Arr) => {
    let h = input;
    for (const { weight, bias } of layers) h = np.tanh(np.matmul(h, weight).add(bias));
    return np.matmul(h, head.weight).add(head.bias);
  };
  const loss = (params: Mlp, input: Arr, target: Arr) => {
    const error = predict(params, input).sub(target);
    return error.ref.mul(error).mean();
  };
  const step = jax.jit(jax.valueAndGrad(loss));
  const pending = (params: Mlp) => step(tree.ref(params), x.ref, y.ref);
  return {
    lossAndGrads(params) {
      const [value, grads] = pending(params);
      return [value.item(), grads];
    },
    pending,
    close() {
      x.dispose();
      y.dispose();
      step.dispose();
    },
  };
}

/** Copies of a tree's values by path. */
export function valuesOf(params: Mlp): Record<string, Float32Array> {
  const dense = [...params.layers, params.head];
  const arrays = dense.flatMap(({ weight, bias }) => [weight, bias]);
  return Object.fromEntries(arrays.map((array, i) => [MLP_NAMES[i], array.ref.dataSync()]));
}
