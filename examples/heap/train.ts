import { createHash } from "node:crypto";
import type { HeapAdamW, HeapTensor } from "ashlar/core";
import { LANGUAGES, readFiles, type TextFile } from "./files.ts";
import { type Kernels, loadKernels, tensor, view } from "./framework.ts";
import { type Batch, Network } from "./network.ts";
import { cpuOptimizer, withMoments } from "./optimizer.ts";

const FEATURES = 256;
const HIDDEN = 32;
const LONGEST_TEXT = 1 << 16;
export const STEPS = 200;

/** All that training works with. */
export interface Run {
  readonly kernels: Kernels;
  readonly network: Network;
  readonly tensors: readonly HeapTensor[];
  readonly optimizer: HeapAdamW;
  readonly train: Batch;
  readonly test: Batch;
}

/** Reads the files, and puts everything into the heap. Nothing is allocated there afterwards. */
export async function prepare(): Promise<Run> {
  const kernels = await loadKernels();
  const [train, test] = (["train", "test"] as const).map((split) =>
    toBatch(kernels, readFiles(split)),
  );
  const sizes = [FEATURES, HIDDEN, LANGUAGES.length] as const;
  const network = new Network(kernels, sizes, Math.max(train.rows, test.rows));
  const tensors = withMoments(kernels, network.parameters);
  const optimizer = await cpuOptimizer(kernels, tensors, STEPS);
  return { kernels, network, tensors, optimizer, train, test };
}

function toBatch(kernels: Kernels, files: readonly TextFile[]): Batch {
  const rows = files.length;
  const features = tensor(kernels, rows * FEATURES);
  const labels = kernels.allocate(rows);
  const text = kernels.allocate(LONGEST_TEXT);
  for (const [row, { bytes, label }] of files.entries()) {
    const part = bytes.subarray(0, LONGEST_TEXT);
    // A fresh view each time: the heap may have grown.
    new Uint8Array(kernels.memory.buffer, text, part.length).set(part);
    kernels.byteShares(text, part.length, features + 4 * row * FEATURES);
    new Uint8Array(kernels.memory.buffer, labels, rows)[row] = label;
  }
  kernels.release(text);
  return { rows, features, labels };
}

/** How many files of each language there are, and how many the network names rightly. */
export function evaluate(
  { kernels, network }: Run,
  batch: Batch,
): [right: number, total: number][] {
  const classes = LANGUAGES.length;
  const scores = view(kernels, network.forward(batch), batch.rows * classes);
  const labels = new Uint8Array(kernels.memory.buffer, batch.labels, batch.rows);
  const counts = LANGUAGES.map((): [number, number] => [0, 0]);
  labels.forEach((label, row) => {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    counts[label][1]++;
    if (own.indexOf(Math.max(...own)) === label) counts[label][0]++;
  });
  return counts;
}

/** SHA-256 of all weights: one number for everyone. */
export function digestOf({ kernels, network }: Run): string {
  const hash = createHash("sha256");
  for (const { param, length } of network.parameters) {
    hash.update(new Uint8Array(kernels.memory.buffer, param, 4 * length));
  }
  return hash.digest("hex");
}
