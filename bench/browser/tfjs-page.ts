import { type StepTimes, type TensorFlow, timeSteps } from "./tfjs-steps.ts";

// Runs in a browser, as a program of scripts/browser-bench.mjs: the page's address says which
// backend.

interface BrowserTf extends TensorFlow {
  enableProdMode(): void;
  env(): { set(flag: string, value: boolean): void };
  setBackend(name: string): Promise<boolean>;
}

const PACKAGES = "/packages/@tensorflow";
const WASM = `${PACKAGES}/tfjs-backend-wasm/dist`;
/** Paths that only a browser can import. */
const MODULES: Record<string, string> = {
  tf: `${PACKAGES}/tfjs/dist/tf.fesm.min.js`,
  wasm: `${WASM}/tf-backend-wasm.fesm.min.js`,
  webgpu: `${PACKAGES}/tfjs-backend-webgpu/dist/tf-backend-webgpu.fesm.min.js`,
};

async function open(backend: string): Promise<BrowserTf | string> {
  const tf: BrowserTf = await import(MODULES.tf);
  tf.enableProdMode();
  if (backend === "webgpu") {
    if (!(await adapterOf())) return "this browser has no WebGPU";
    const isThere = await fetch(MODULES.webgpu, { method: "HEAD" });
    if (!isThere.ok) return "@tensorflow/tfjs-backend-webgpu is not installed";
  }
  if (backend in MODULES) {
    const module: { setWasmPaths?(folder: string): void } = await import(MODULES[backend]);
    module.setWasmPaths?.(`${WASM}/`);
  }
  // One thread: those of the wasm backend are blob: workers, which the page's policy forbids.
  if (backend === "wasm") tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  return (await tf.setBackend(backend)) ? tf : `this browser has no ${backend}`;
}

interface Gpu {
  requestAdapter(): Promise<{ readonly info?: { readonly architecture: string } } | null>;
}

const adapterOf = () => (navigator as { gpu?: Gpu }).gpu?.requestAdapter();

/** What computes for a backend of a GPU: "" for others. */
async function rendererOf(backend: string): Promise<string> {
  if (backend === "webgpu") return (await adapterOf())?.info?.architecture ?? "";
  if (backend !== "webgl") return "";
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  return names ? String(gl?.getParameter(names.UNMASKED_RENDERER_WEBGL)) : "";
}

/** One result: its detail is JSON of StepTimes, or why there is none. */
export async function run() {
  const query = new URLSearchParams(location.search);
  const backend = query.get("backend") ?? "";
  const opened = await open(backend);
  if (typeof opened === "string") {
    return [{ name: backend, ok: true, detail: opened, notRun: true }];
  }
  const awaits = backend === "webgpu";
  const rounds = Number(query.get("rounds"));
  const times: StepTimes = await timeSteps(opened, { rounds, limitMs: 20_000, awaits });
  const detail = JSON.stringify({ times, renderer: await rendererOf(backend) });
  return [{ name: backend, ok: true, detail }];
}
