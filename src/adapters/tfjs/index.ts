/**
 * Optimizers for TensorFlow.js: docs/tfjs.md. The public subpath `ashlar/tfjs`.
 *
 * @module
 */
import { wrongKind } from "../../errors.ts";
import type { AdamWDLOptions } from "../../optimizers/adamw-dl-options.ts";
import type {
  DecoupledAdamWGroup,
  DecoupledAdamWOptions,
} from "../../optimizers/decoupled-adamw-options.ts";
import type { MindFormersGroup } from "../../optimizers/mindformers-adamw-groups.ts";
import type { MindFormersAdamWOptions } from "../../optimizers/mindformers-adamw-options.ts";
import type { AdamWGroup, AdamWOptions } from "../../optimizers/options.ts";
import type { MatchedGroup } from "../groups.ts";
import { type AshlarMembers, classesOf } from "./optimizer-class.ts";
import { nameValues } from "./registry.ts";
import type { Operations, OptimizerOf, TensorFlow } from "./tensorflow.ts";

export { ready } from "../../core/kernel.ts";
export type { Match, MatchedGroup } from "../groups.ts";
export { type LayersModelLike, layersOf } from "./layers-of.ts";
export type { AshlarMembers } from "./optimizer-class.ts";
export type { AbstractOptimizer, OptimizerOf, TensorFlow } from "./tensorflow.ts";

/** An optimizer of TensorFlow.js, as the caller's TensorFlow.js types it, and what it has besides. */
export type TensorFlowOptimizer<Namespace extends TensorFlow = TensorFlow> =
  OptimizerOf<Namespace> & AshlarMembers;

/** A param group: its variables, and what it has for itself. */
export type VariableGroup<Options> = Options & MatchedGroup;

/** What a TensorFlow.js optimizer has no use for. */
export type TensorFlowUnused = "lossScale" | "threads";

/** Options of a class without what is of no use here, and groups by the names of variables. */
export type TensorFlowGrouped<Options, Group> = Omit<Options, TensorFlowUnused> & {
  /** Param groups; the first that matches a variable takes it. Default: none. */
  readonly groups?: readonly VariableGroup<Omit<Group, "params" | "name">>[];
};

/** Options of AdamW, and groups by the names of variables. */
export type TensorFlowAdamWOptions = TensorFlowGrouped<AdamWOptions, AdamWGroup>;
/** Options of AdamWDL; it takes no groups. */
export type TensorFlowAdamWDLOptions = Omit<AdamWDLOptions, TensorFlowUnused | "parameters">;
/** Options of MindFormersAdamW, and groups by the names of variables. */
export type TensorFlowMindFormersAdamWOptions = TensorFlowGrouped<
  MindFormersAdamWOptions,
  MindFormersGroup
>;
/** Options of DecoupledAdamW, and groups by the names of variables. */
export type TensorFlowDecoupledAdamWOptions = TensorFlowGrouped<
  DecoupledAdamWOptions,
  DecoupledAdamWGroup
>;

/**
 * Makes AdamW an optimizer of TensorFlow.js. Await `ready()` before the first step where the engine
 * does not compile synchronously (browsers).
 *
 * @param tf the namespace of @tensorflow/tfjs or @tensorflow/tfjs-core
 * @throws TypeError for a wrong kind, RangeError for a wrong value, as `AdamW`
 */
export function adamW<Namespace extends TensorFlow>(
  tf: Namespace,
  options: TensorFlowAdamWOptions = {},
): TensorFlowOptimizer<Namespace> {
  return new (classesOf(operations(tf)).ADAMW)(options) as TensorFlowOptimizer<Namespace>;
}

/** As `adamW`, for AdamWDL. */
export function adamWDL<Namespace extends TensorFlow>(
  tf: Namespace,
  options: TensorFlowAdamWDLOptions = {},
): TensorFlowOptimizer<Namespace> {
  return new (classesOf(operations(tf)).ADAMW_DL)(options) as TensorFlowOptimizer<Namespace>;
}

/** As `adamW`, for MindFormersAdamW: every variable needs a gradient in every step. */
export function mindFormersAdamW<Namespace extends TensorFlow>(
  tf: Namespace,
  options: TensorFlowMindFormersAdamWOptions = {},
): TensorFlowOptimizer<Namespace> {
  return new (classesOf(operations(tf)).MINDFORMERS)(options) as TensorFlowOptimizer<Namespace>;
}

/** As `adamW`, for DecoupledAdamW. */
export function decoupledAdamW<Namespace extends TensorFlow>(
  tf: Namespace,
  options: TensorFlowDecoupledAdamWOptions = {},
): TensorFlowOptimizer<Namespace> {
  return new (classesOf(operations(tf)).DECOUPLED)(options) as TensorFlowOptimizer<Namespace>;
}

/**
 * Lets TensorFlow.js load models that were saved with these optimizers. Needed before
 * `loadLayersModel` in a program that has not called one of the four; and to name functions, which
 * a file cannot hold: an option goes by the name that its value has here, else by its own ("decays",
 * "head.match").
 */
export function register(tf: TensorFlow, values: Readonly<Record<string, unknown>> = {}): void {
  classesOf(operations(tf));
  nameValues(operations(tf), values);
}

/** @throws TypeError for what is no TensorFlow.js */
function operations(tf: unknown): Operations {
  const { Optimizer, engine, tidy } = (tf ?? {}) as Partial<Operations>;
  const parts: unknown[] = [Optimizer, engine, tidy];
  if (parts.every((part) => typeof part === "function")) return tf as Operations;
  throw wrongKind("tf", "ashlar/tfjs", "the namespace of @tensorflow/tfjs or its core", tf);
}
