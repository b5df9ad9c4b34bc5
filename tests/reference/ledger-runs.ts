import { join } from "node:path";
import { AdamW, type AdamWOptions } from "../../src/index.ts";
import type { RunLedgerOptions } from "../../src/ledger/options.ts";
import { RunLedger } from "../../src/ledger/run-ledger.ts";
import { seededGradients } from "../../src/ledger/seeded-gradients.ts";
import { FOLDER, put } from "./bin-tool.ts";

// Recorded runs of a small model, for the commands that read ledgers.

export const SHAPES: Readonly<Record<string, readonly number[]>> = {
  "body.bias": [48],
  "body.weight": [48, 100],
  "head.bias": [3],
  "head.weight": [3, 48],
};
/** Three blocks, so that a stride has something to choose. */
export const WIDE: Readonly<Record<string, readonly number[]>> = { w: [3, 4096], b: [3] };

export interface RecordedRun extends RunLedgerOptions {
  readonly steps?: number;
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly options?: AdamWOptions;
  /** Of the weights before the first step, and of the gradients. */
  readonly seed?: number;
  /** Called before step k, from 0, once the gradients are in their views. */
  readonly before?: (optimizer: AdamW, k: number) => void;
  /** Called after it. */
  readonly after?: (optimizer: AdamW, k: number) => void | Promise<void>;
  /** Default true. */
  readonly close?: boolean;
}

const lengthOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

export async function makeOptimizer({ shapes = SHAPES, options = {}, seed = 7 }: RecordedRun) {
  const weights = seededGradients({ seed, scale: 0.5 });
  const specs = Object.entries(shapes).map(([name, shape]) => ({
    name,
    shape,
    data: weights.values(name, lengthOf(shape), 2 ** 30),
  }));
  return AdamW.create(specs, { lr: 0.01, ...options });
}

/** Records a run as NAME in the folder. Returns its name. */
export async function recordRun(name: string, run: RecordedRun = {}): Promise<string> {
  const optimizer = await makeOptimizer(run);
  await continueRun(name, optimizer, run);
  optimizer.dispose();
  return name;
}

/** Records steps of an optimizer that is there. */
export async function continueRun(
  name: string,
  optimizer: AdamW,
  { steps = 20, seed = 7, before, after, close = true, ...more }: RecordedRun = {},
): Promise<void> {
  const { shapes: _shapes, options: _options, ...options } = more;
  const ledger = await RunLedger.open(join(FOLDER, name), optimizer, options);
  const gradients = seededGradients({ seed, scale: 0.1 });
  for (let k = 0; k < steps; k++) {
    gradients.fill(optimizer);
    before?.(optimizer, k);
    optimizer.step();
    await after?.(optimizer, k);
  }
  if (close) await ledger.close();
  else await ledger.flush();
}

/** Flips the lowest bit of an element of a gradient. */
export function flip(optimizer: AdamW, name: string, element: number): void {
  const view = optimizer.gradient(name);
  new Uint32Array(view.buffer, view.byteOffset, view.length)[element] ^= 1;
}

/** Flips the lowest bit of an element of the weights, in the memory, as a cosmic ray would. */
export function flipWeight(optimizer: AdamW, name: string, element: number): void {
  const { master } = optimizer.parameter(name);
  new Uint32Array(master.buffer, master.byteOffset, master.length)[element] ^= 1;
}

/** Writes a ledger of lines. */
export const putLines = (name: string, lines: readonly string[]) =>
  put(name, lines.map((line) => `${line}\n`).join(""));
