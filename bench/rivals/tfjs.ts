import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Contender, type Entry, firstLine, NotRun } from "../harness/contender.ts";
import { fillGradients, fillWeights, HYPER } from "../harness/data.ts";
import { medianStep } from "../harness/median-step.ts";
import { ROOT } from "../harness/root.ts";
import { CHECKED_STEPS, checkWeights, samplesOf } from "../harness/truth.ts";
import { TFJS_CPU, TFJS_WASM } from "../report/names.ts";

// tf.train.adam: there is no AdamW in TensorFlow.js, so that this rival does without the decay. Its
// types are spelled out, because the package's own do not compile beside this project's.

interface Tensor {
  dataSync(): Float32Array;
  dispose(): void;
}

interface TensorFlow {
  /** Without checks, and without the advice to install another package. */
  enableProdMode(): void;
  setBackend(name: string): Promise<boolean>;
  tensor1d(values: Float32Array): Tensor;
  variable(initial: Tensor, trainable: boolean, name: string): Tensor;
  readonly train: {
    adam(
      lr: number,
      beta1: number,
      beta2: number,
      eps: number,
    ): {
      applyGradients(gradients: Record<string, Tensor>): void;
      dispose(): void;
    };
  };
}

interface WasmBackend {
  setWasmPaths(folder: string): void;
}

const BACKENDS = {
  wasm: { name: TFJS_WASM, module: "@tensorflow/tfjs-backend-wasm" },
  cpu: { name: TFJS_CPU, module: "@tensorflow/tfjs-backend-cpu" },
};

let models = 0;

function entry(backend: keyof typeof BACKENDS, length: number): Entry {
  const { name, module } = BACKENDS[backend];
  const open = async (): Promise<Contender> => {
    const tf = await load(backend, module);
    const initial = new Float32Array(length);
    const gradient = new Float32Array(length);
    fillWeights(initial);
    fillGradients(gradient);
    const variableName = `w${models++}`;
    const start = tf.tensor1d(initial);
    const weights = tf.variable(start, true, variableName);
    const gradients = { [variableName]: tf.tensor1d(gradient) };
    const optimizer = tf.train.adam(HYPER.lr, HYPER.beta1, HYPER.beta2, HYPER.eps);
    const step = () => optimizer.applyGradients(gradients);
    for (let i = 0; i < CHECKED_STEPS; i++) step();
    const now = weights.dataSync();
    for (const sample of samplesOf(length)) {
      checkWeights(sample, now.subarray(sample.first, sample.first + sample.count), 0);
    }
    const close = () => {
      optimizer.dispose();
      for (const tensor of [start, weights, gradients[variableName]]) tensor.dispose();
    };
    // Each backend's tensors are its own, and there is one current backend.
    return { name, per: length, run: timedBatch(() => tf.setBackend(backend), step), close };
  };
  return { name, bytes: 48 * length, open };
}

/** Switches to the backend untimed, then steps: its operations are done when they return. */
function timedBatch(prepare: () => Promise<unknown>, step: () => void) {
  return async (warm: number, steps: number) => {
    await prepare();
    return medianStep(warm, steps, step);
  };
}

async function load(backend: "wasm" | "cpu", module: string): Promise<TensorFlow> {
  const require = createRequire(join(ROOT, "package.json"));
  try {
    const tf: TensorFlow = await importCommonJs(require.resolve("@tensorflow/tfjs-core"));
    tf.enableProdMode();
    const path = require.resolve(module);
    const loaded: Partial<WasmBackend> = await importCommonJs(path);
    loaded.setWasmPaths?.(`${dirname(path)}/`);
    await tf.setBackend(backend);
    return tf;
  } catch (cause) {
    throw new NotRun(`${module}: ${firstLine(cause as Error)}`);
  }
}

const importCommonJs = (path: string) => import(pathToFileURL(path).href);

export const tfjsWasm = (length: number) => entry("wasm", length);
export const tfjsCpu = (length: number) => entry("cpu", length);
