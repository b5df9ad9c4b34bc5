import type { Tensor, Tf, TfOptimizer, Variable } from "../reference/tfjs.ts";
import { NotRun } from "./result.ts";

// TensorFlow.js as scripts/browser-server.mjs serves it, and what programs need of its types besides.

export interface LayersModel {
  readonly layers: readonly {
    readonly weights: readonly { readonly name: string; readonly originalName: string }[];
    getClassName(): string;
  }[];
  readonly trainableWeights: readonly { read(): Variable }[];
  apply(inputs: Tensor, options?: { training: boolean }): Tensor;
  compile(options: { optimizer: TfOptimizer; loss: string }): void;
  fit(
    xs: Tensor,
    ys: Tensor,
    options: {
      epochs: number;
      batchSize: number;
      shuffle: boolean;
      verbose: 0;
      yieldEvery: "never";
    },
  ): Promise<{ readonly history: { readonly loss: readonly number[] } }>;
}

export interface BrowserTf extends Tf {
  env(): { set(flag: string, value: boolean): void; get(flag: string): unknown };
  findBackendFactory(name: string): object;
  registerBackend(name: string, factory: object): boolean;
  removeBackend(name: string): void;
  sequential(): LayersModel & { add(layer: object): void };
  readonly layers: {
    dense(options: { units: number; inputShape?: number[]; activation?: string }): object;
  };
  readonly losses: { meanSquaredError(labels: Tensor, predictions: Tensor): Tensor };
}

/** As much of the backends as programs look at. */
export interface GpuBackend {
  uploadToGPU(dataId: object): void;
  readonly texData: {
    get(dataId: object): { readonly texture: unknown; readonly values: unknown };
  };
}

export const TF_BACKENDS = ["cpu", "wasm", "webgl"] as const;
export type TfBackend = (typeof TF_BACKENDS)[number];

const PACKAGES = "/packages/@tensorflow";
const WASM = `${PACKAGES}/tfjs-backend-wasm/dist`;
/** Paths that only a browser can import. */
const MODULES = {
  tf: `${PACKAGES}/tfjs/dist/tf.fesm.min.js`,
  wasm: `${WASM}/tf-backend-wasm.fesm.min.js`,
};

let loading: Promise<BrowserTf> | undefined;

/** TensorFlow.js in its strictest form: on one thread, and every operation where its backend is. */
export function loadTf(): Promise<BrowserTf> {
  loading ??= load();
  return loading;
}

async function load(): Promise<BrowserTf> {
  const tf: BrowserTf = await import(MODULES.tf);
  const wasm: { setWasmPaths(folder: string): void } = await import(MODULES.wasm);
  wasm.setWasmPaths(`${WASM}/`);
  tf.enableProdMode();
  // Its threads are blob: workers: where the policy forbids those, setBackend would never resolve.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  tf.env().set("WEBGL_CPU_FORWARD", false);
  return tf;
}

/** @throws NotRun where this browser has no such backend */
export async function useBackend(tf: BrowserTf, backend: TfBackend): Promise<void> {
  const { warn } = console;
  console.warn = () => {};
  try {
    if (await tf.setBackend(backend)) return;
  } finally {
    console.warn = warn;
  }
  throw new NotRun(`this browser has no ${backend}`);
}
