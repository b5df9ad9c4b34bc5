import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender, Entry } from "../harness/contender.ts";
import { fillGradients, fillWeights } from "../harness/data.ts";
import { planeStarts } from "../harness/planes.ts";
import { ROOT } from "../harness/root.ts";
import { CHECKED_STEPS, checkCopy, checkStream, samplesOf } from "../harness/truth.ts";
import { COPY_WASM, STREAM_WASM } from "../report/names.ts";

interface Roofline {
  stream(p: number, g: number, m: number, v: number, count: number): void;
  copy(to: number, from: number, bytes: number): void;
}

interface Asc {
  compileString(
    source: string,
    options: Record<string, unknown>,
  ): Promise<{ error: Error | null; binary: Uint8Array<ArrayBuffer> | null }>;
}

const ASC: string = "assemblyscript/asc";
const PAGE_BYTES = 65_536;

let compiled: Promise<WebAssembly.Module> | undefined;

/** Compiles bench/roofline/stream.ts with the options of the core. */
function roofline(): Promise<WebAssembly.Module> {
  compiled ??= (async () => {
    const asc: Asc = (await import(ASC)).default;
    const source = readFileSync(join(ROOT, "bench/roofline/stream.ts"), "utf8");
    const { error, binary } = await asc.compileString(source, {
      runtime: "stub",
      importMemory: true,
      noAssert: true,
      optimizeLevel: 3,
      enable: ["simd"],
    });
    if (error || !binary) throw new Error(`stream.ts: ${error?.message ?? "no binary"}`);
    return WebAssembly.compile(binary);
  })();
  return compiled;
}

async function bind(bytes: number): Promise<{ kernel: Roofline; buffer: ArrayBuffer }> {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = await WebAssembly.instantiate(await roofline(), { env: { memory } });
  const { exports } = instance as unknown as WebAssembly.Instance;
  return { kernel: exports as unknown as Roofline, buffer: memory.buffer };
}

/** The traffic of a step with next to no arithmetic. @param length a multiple of 4 */
export function wasmStream(length: number): Entry {
  const open = async (): Promise<Contender> => {
    const { starts, end } = planeStarts(length * 4, 4);
    const { kernel, buffer } = await bind(end);
    const [p, g, m, v] = starts;
    const weights = new Float32Array(buffer, p, length);
    fillWeights(weights);
    fillGradients(new Float32Array(buffer, g, length));
    const step = () => kernel.stream(p, g, m, v, length);
    for (let i = 0; i < CHECKED_STEPS; i++) step();
    for (const sample of samplesOf(length)) {
      const { first, count } = sample;
      checkStream(sample, weights.subarray(first, first + count));
    }
    return { name: STREAM_WASM, per: length, step, close: () => {} };
  };
  return { name: STREAM_WASM, bytes: 16 * length, mustRun: true, open };
}

/** A copy that moves as many bytes as a step: 14 read and 14 written for each parameter. */
export function wasmCopy(length: number): Entry {
  const open = async (): Promise<Contender> => {
    const bytes = length * 14;
    const { starts, end } = planeStarts(bytes, 2);
    const { kernel, buffer } = await bind(end);
    const [from, to] = starts;
    fillWeights(new Float32Array(buffer, from, bytes / 4));
    const step = () => kernel.copy(to, from, bytes);
    step();
    for (const sample of samplesOf(bytes / 4)) {
      checkCopy(sample, new Float32Array(buffer, to + sample.first * 4, sample.count));
    }
    return { name: COPY_WASM, per: length, step, close: () => {} };
  };
  return { name: COPY_WASM, bytes: 28 * length, mustRun: true, open };
}
