import { evaluate } from "../language-detector/evaluate.ts";
import type { Layers } from "../language-detector/network.ts";
import type { Task } from "./task.ts";

/** What a rank takes of its machine and of the network. */
export interface RankCosts {
  /** Of linear memory: masters, moments and gradient sums of what the rank owns. */
  readonly shardBytes: number;
  /** Of linear memory, with the weights and gradients of the whole model. */
  readonly bytes: number;
  /** Bytes that the rank gives to others, in the mean of all steps. */
  readonly sentPerStep: number;
}

/** What a run comes to: but for the costs, the same on all ranks, and in one process. */
export interface Outcome {
  /** Of weights, moments and step counts. */
  readonly digest: string;
  /** Of each step: the mean over its micro-batches, in nats, before the step. */
  readonly losses: readonly number[];
  /** Shares of the test files that are named rightly. */
  readonly newAccuracy: number;
  readonly oldAccuracy: number;
  /** By rank. */
  readonly costs: readonly RankCosts[];
}

/** Called after each step. */
export type OnStep = (step: number, loss: number) => void;

/** Lets the weights name the test files. */
export function accuracies({ network, test, languages }: Task, weights: Layers) {
  const { newAccuracy, oldAccuracy } = evaluate(network, weights, test, languages);
  return { newAccuracy, oldAccuracy };
}
