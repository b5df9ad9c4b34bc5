import { readFileSync } from "node:fs";

// The framework's half in JavaScript: it loads the kernels, and knows tensors by their addresses.

/** What assembly/index.ts exports. Addresses are bytes, lengths elements. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  release(address: number): void;
  byteShares(text: number, length: number, features: number): void;
  dense(
    ...given: [
      x: number,
      weight: number,
      bias: number,
      y: number,
      ...size: [number, number, number],
    ]
  ): void;
  denseGradient(
    ...given: [
      x: number,
      dy: number,
      dWeight: number,
      dBias: number,
      ...size: [number, number, number],
    ]
  ): void;
  denseReluGradient(
    ...given: [x: number, weight: number, dy: number, dx: number, ...size: [number, number, number]]
  ): void;
  relu(y: number, length: number): void;
  squaredHinge(
    ...given: [scores: number, labels: number, dScores: number, rows: number, classes: number]
  ): number;
}

/** Compiles the kernels, with a heap of their own. */
export async function loadKernels(): Promise<Kernels> {
  const binary = readFileSync(new URL("framework.wasm", import.meta.url));
  const { instance } = await WebAssembly.instantiate(new Uint8Array(binary));
  return instance.exports as unknown as Kernels;
}

/** A new tensor of zeros. @returns its address */
export const tensor = (kernels: Kernels, length: number): number => kernels.allocate(4 * length);

/** A view of a tensor, until the heap grows. */
export function view(kernels: Kernels, address: number, length: number): Float32Array {
  return new Float32Array(kernels.memory.buffer, address, length);
}
