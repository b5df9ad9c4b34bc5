import { type Contender, type Entry, firstLine, NotRun } from "../harness/contender.ts";
import { fillGradients, fillWeights, HYPER } from "../harness/data.ts";
import { medianStep } from "../harness/median-step.ts";
import { CHECKED_STEPS, checkWeights, samplesOf } from "../harness/truth.ts";
import { JAX_JS } from "../report/names.ts";

// AdamW by jax-js, compiled by its jit into one fused kernel on its WebAssembly backend. optax is
// not in the package. An array is used up by an operation; `ref` lets it be used once more. The
// types are spelled out, because the package's own do not compile beside this project's.

interface JaxArray {
  readonly ref: JaxArray;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray | number): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  div(other: JaxArray | number): JaxArray;
  data(): Promise<Float32Array>;
  dispose(): void;
}

interface Jax {
  init(device: string): Promise<readonly string[]>;
  defaultDevice(device: string): void;
  blockUntilReady(arrays: readonly JaxArray[]): Promise<unknown>;
  jit<F>(fn: F): F;
  readonly numpy: {
    array(values: Float32Array): JaxArray;
    zeros(shape: readonly number[]): JaxArray;
    sqrt(x: JaxArray): JaxArray;
  };
}

const PACKAGE: string = "@jax-js/jax";

type State = [p: JaxArray, m: JaxArray, v: JaxArray];

/** The step: bias corrections come as arrays of one element, so that it is compiled once. */
function makeStep({ jit, numpy }: Jax) {
  const { lr, beta1, beta2, weightDecay } = HYPER;
  return jit(
    (
      p: JaxArray,
      g: JaxArray,
      m: JaxArray,
      v: JaxArray,
      stepSize: JaxArray,
      eps: JaxArray,
    ): State => {
      const mean = m.mul(beta1).add(g.ref.mul(1 - beta1));
      const square = v.mul(beta2).add(g.ref.mul(g).mul(1 - beta2));
      const change = mean.ref.mul(stepSize).div(numpy.sqrt(square.ref).add(eps));
      return [p.mul(1 - lr * weightDecay).sub(change), mean, square];
    },
  );
}

async function open(length: number): Promise<Contender> {
  const jax = await load();
  const { numpy } = jax;
  const weights = new Float32Array(length);
  const gradient = new Float32Array(length);
  fillWeights(weights);
  fillGradients(gradient);
  const step = makeStep(jax);
  const g = numpy.array(gradient);
  let state: State = [numpy.array(weights), numpy.zeros([length]), numpy.zeros([length])];
  let t = 0;
  const advance = async () => {
    t++;
    const correction2 = Math.sqrt(1 - HYPER.beta2 ** t);
    const stepSize = (HYPER.lr * correction2) / (1 - HYPER.beta1 ** t);
    const [p, m, v] = state;
    const scalar = (value: number) => numpy.array(Float32Array.of(value));
    state = step(p, g.ref, m, v, scalar(stepSize), scalar(HYPER.eps * correction2));
    await jax.blockUntilReady(state); // which does not use them up
  };
  for (let i = 0; i < CHECKED_STEPS; i++) await advance();
  const now = await state[0].ref.data();
  for (const sample of samplesOf(length)) {
    checkWeights(sample, now.subarray(sample.first, sample.first + sample.count));
  }
  const run = (warm: number, steps: number) => medianStep(warm, steps, advance);
  const close = () => {
    for (const array of [g, ...state]) array.dispose();
  };
  return { name: JAX_JS, per: length, run, close };
}

async function load(): Promise<Jax> {
  try {
    const jax: Jax = await import(PACKAGE);
    const devices = await jax.init("wasm");
    if (!devices.includes("wasm")) throw new Error(`its devices are ${devices.join(", ")}`);
    jax.defaultDevice("wasm");
    return jax;
  } catch (cause) {
    throw new NotRun(`${PACKAGE}: ${firstLine(cause as Error)}`);
  }
}

export const jaxJs = (length: number): Entry => ({
  name: JAX_JS,
  bytes: 32 * length,
  open: () => open(length),
});
