import { readFileSync } from "node:fs";
import { gradientValue, weightValue, xorshift32 } from "./random.ts";

// Reads tests/vectors/torch-adamw.json (its `_comment` describes the format and the problems) and
// makes the weights and gradients that it does not store. scripts/torch-vectors.py is the other half.

export interface TorchGroup {
  name: string;
  length: number;
  lr: number;
  weightDecay: number;
  betas: [number, number];
  eps: number;
}

export interface TorchCase {
  name: string;
  amsgrad: boolean;
  maximize: boolean;
  /** Makes lr follow the step: up over `warmup` steps, then down to 0 at `total`. */
  ramp: { warmup: number; total: number } | null;
  /** Halves lr each so many steps. */
  stairs: number | null;
  /** Whether some elements have no gradient ever, or only in the first step. */
  rare: boolean;
  groups: TorchGroup[];
  problems: TorchProblem[];
}

export interface TorchProblem {
  seed: number;
  /** One list of all groups' weights for each recorded step. */
  float64: number[][];
  /** The same from torch float32, as bits. */
  float32: number[][];
}

export interface TorchVectors {
  torch: string;
  /** The steps (counted from 1) whose results are stored. */
  recorded: number[];
  cases: TorchCase[];
}

/** Reads the vectors. The path holds for the compiled file too: dist/ lies in the package root. */
export function readTorchVectors(): TorchVectors {
  const url = new URL("../../../tests/vectors/torch-adamw.json", import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"));
}

/** Number of elements of all groups. */
export function elementCount({ groups }: TorchCase): number {
  return groups.reduce((sum, group) => sum + group.length, 0);
}

/** The groups in order, each with its elements [from, to). */
export function groupRanges({
  groups,
}: TorchCase): { group: TorchGroup; from: number; to: number }[] {
  let from = 0;
  return groups.map((group) => {
    const range = { group, from, to: from + group.length };
    from = range.to;
    return range;
  });
}

/** The learning rate of `group` at schedule index `k`, 0-based. */
export function torchLearningRate(
  { ramp, stairs }: TorchCase,
  group: TorchGroup,
  k: number,
): number {
  if (stairs !== null) return group.lr / 2 ** Math.floor(k / stairs);
  if (ramp === null) return group.lr;
  const { warmup, total } = ramp;
  return group.lr * (k < warmup ? (k + 1) / warmup : (total - k) / (total - warmup));
}

/** The start of a problem, and its gradients one step after the other. */
export interface ProblemData {
  /** f32[elements], all groups one after the other. */
  weights: Float32Array;
  /** Overwrites `gradients`, f32[elements], with those of the next step. */
  next(gradients: Float32Array): void;
}

export function problemData(vectorCase: TorchCase, problem: TorchProblem): ProblemData {
  const draw = xorshift32(problem.seed);
  const weights = new Float32Array(elementCount(vectorCase)).map(() => weightValue(draw()));
  let t = 0;
  return {
    weights,
    next(gradients) {
      t++;
      for (let i = 0; i < gradients.length; i++)
        gradients[i] = shaped(gradientValue(draw()), i, t, vectorCase.rare);
    },
  };
}

/** Gives some elements a life of their own, and all of them smaller gradients after step 400. */
function shaped(value: number, i: number, t: number, rare: boolean): number {
  if (rare && (i % 4 === 1 || (i % 4 === 2 && t !== 1))) return 0;
  const signed = i % 4 === 0 ? Math.abs(value) : value;
  return t > 400 ? signed / 8 : signed;
}
