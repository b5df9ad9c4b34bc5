import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { AdamW, noDecayOnBiasAndNorm } from "../../src/index.ts";
import { lengthOf, realistic, type Shapes, specs } from "./checkpoint-shapes.ts";

// A run that begins in ashlar and goes on in torch.optim.AdamW, and one the other way round:
// scripts/checkpoint-vectors.mjs makes the vectors, with the Python of docs/checkpoint.md.

export const SHAPES: Shapes = {
  "embed.weight": [6, 4],
  "body.weight": [5, 4],
  "body.bias": [5],
  "head.weight": [3, 5],
  scale: [],
};

/** Steps before the checkpoint, and in all. */
export const SAVED_AT = 20;
export const STEPS = 60;

/**
 * Gradients of step k, from 0: one parameter has none in some steps, one has its first after the
 * checkpoint.
 */
export function gradientsAt(k: number): Record<string, Float32Array> {
  const entries = Object.entries(SHAPES)
    .map(([name, shape], i) => [name, realistic(lengthOf(shape), 100 * k + i)] as const)
    .filter(([name]) =>
      name === "scale" ? k > SAVED_AT + 3 : name !== "head.weight" || k % 3 > 0,
    );
  return Object.fromEntries(entries);
}

export const INITIAL = specs(SHAPES, 4);

export function makeOptimizer(): Promise<AdamW> {
  const [embed, weight, bias, head, scale] = INITIAL;
  return AdamW.create(
    [
      { name: "embed", params: [embed], lrScale: 0.5, weightDecay: 0.1 },
      { name: "body", params: [weight, bias], amsgrad: true, betas: [0.8, 0.99], lr: 5e-3 },
      { name: "head", params: [head, scale], eps: 1e-6, weightDecay: 0 },
    ],
    { lr: 3e-3, weightDecay: 0.05, decays: noDecayOnBiasAndNorm, maximize: true },
  );
}

/** Runs the steps from .. to - 1. */
export function runSteps(optimizer: AdamW, from: number, to: number): void {
  for (let k = from; k < to; k++) optimizer.step(gradientsAt(k));
}

/** A parameter's state as Python has it; values as the integers of their 32 bits. */
export interface TorchState {
  readonly step: number;
  readonly param: readonly number[];
  readonly exp_avg: readonly number[];
  readonly exp_avg_sq: readonly number[];
  readonly max_exp_avg_sq: readonly number[] | null;
}

/** What torch makes of a checkpoint after the remaining steps. */
export interface TorchRun {
  /** The state that goes over, by the parameter's name, on the side of PyTorch. */
  readonly state: Readonly<Record<string, TorchState>>;
  /** The weights at the end: bits of float32, and float64 from the same state. */
  readonly float32: Readonly<Record<string, readonly number[]>>;
  readonly float64: Readonly<Record<string, readonly number[]>>;
}

export interface CheckpointVectors {
  readonly torch: string;
  readonly safetensors: string;
  /** SHA-256 of the blocks of Python that ran, one after the other. */
  readonly python: string;
  readonly toTorch: TorchRun;
  readonly toAshlar: TorchRun;
}

/** Tests run in the project's root. */
const FOLDER = resolve("tests/vectors/checkpoint-torch");

export const readCheckpointVectors = (): CheckpointVectors =>
  JSON.parse(readFileSync(join(FOLDER, "runs.json"), "utf8"));

export const readVectorFile = (name: "ashlar" | "torch"): Uint8Array =>
  new Uint8Array(readFileSync(join(FOLDER, `${name}.safetensors`)));
