import { type PlainTensor, updateElements } from "../core/plain-update.ts";
import type { StepScalars } from "../core/step-scalars.ts";
import { finiteAtLeast, flag, knownKeys, optionObject } from "../validate.ts";
import { type FunctionalStates, readTensors } from "./functional-tensors.ts";
import { checkEps, readBeta } from "./options.ts";
import { type ScalarInputs, stepScalars } from "./scalars.ts";
import { checkScalars } from "./step-table.ts";

export type { FunctionalStates } from "./functional-tensors.ts";

/** Hyper-parameters of the functional form. Defaults are AdamW's. */
export interface FunctionalOptions {
  /** Learning rate. Default 1e-3. */
  readonly lr?: number;
  /** Weight decay, multiplied by lr. Default 0.01. */
  readonly weightDecay?: number;
  /** Decay rate of the first moment, in [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** Decay rate of the second moment, in [0, 1). Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment. Default 1e-8. */
  readonly eps?: number;
  /** Divide by the root of the largest second moment so far. Default false. */
  readonly amsgrad?: boolean;
  /** Climb instead of descend. Default false. */
  readonly maximize?: boolean;
}

/** Keyword arguments of DecoupledAdamW's functional form: all of them, none has a default. */
export interface DecoupledFunctionalOptions {
  /** Divide by the root of the largest second moment so far. */
  readonly amsgrad: boolean;
  /** Decay rate of the first moment, in [0, 1). */
  readonly beta1: number;
  /** Decay rate of the second moment, in [0, 1). */
  readonly beta2: number;
  /** Learning rate. */
  readonly lr: number;
  /** The decay is (lr / initialLr) * weightDecay; 0 means a factor of 1. */
  readonly initialLr: number;
  /** Weight decay, not multiplied by lr. */
  readonly weightDecay: number;
  /** Added to the root of the second moment. */
  readonly eps: number;
}

/** Hyper-parameters after validation. */
export type FunctionalRates = Omit<ScalarInputs, "lrScale" | "t"> & { readonly amsgrad: boolean };

/**
 * AdamW as a function of plain arrays: updates params, expAvgs, expAvgSqs (and maxExpAvgSqs with
 * amsgrad) in place, with the bits of the class. Needs no `ready()`.
 *
 * @param params       Float32Array each; grads, expAvgs and expAvgSqs have as many, equally long
 * @param maxExpAvgSqs read only with amsgrad; else any list, as [] is
 * @param stateSteps   each parameter's number of this update, from 1: the caller has incremented it
 *   already, and it is only read (torch's functional form increments it itself)
 * @throws TypeError, RangeError for a bad argument; AshlarError NON_FINITE for a gradient that must
 *   not reach the state. Nothing is changed then.
 */
export function adamw(
  params: readonly Float32Array[],
  grads: readonly Float32Array[],
  expAvgs: readonly Float32Array[],
  expAvgSqs: readonly Float32Array[],
  maxExpAvgSqs: readonly Float32Array[],
  stateSteps: FunctionalStates["stateSteps"],
  options: FunctionalOptions = {},
): void {
  const rates = readFunctional(options);
  const states = { params, grads, expAvgs, expAvgSqs, maxExpAvgSqs, stateSteps };
  updateTensors(readTensors(states, rates.amsgrad, "adamw"), rates, stepScalars);
}

function readFunctional(input: FunctionalOptions): FunctionalRates {
  const where = "adamw";
  const options = optionObject(input, "options", where);
  const keys = ["lr", "weightDecay", "beta1", "beta2", "eps", "amsgrad", "maximize"];
  knownKeys(options, keys, where);
  const { lr = 1e-3, weightDecay = 0.01, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options;
  const { amsgrad = false, maximize = false } = options;
  const gradScale = flag(maximize, "maximize", where) ? -1 : 1;
  const given = { lr, weightDecay, beta1, beta2, eps, amsgrad };
  return { ...readRates(given, where), initialLr: Number.NaN, gradScale };
}

/** @throws TypeError for a missing, unknown or wrong argument; RangeError for a wrong value */
export function readDecoupledFunctional(input: DecoupledFunctionalOptions): FunctionalRates {
  const where = "DecoupledAdamW.adamw";
  const options = optionObject(input, "options", where);
  const keys = ["amsgrad", "beta1", "beta2", "lr", "initialLr", "weightDecay", "eps"];
  knownKeys(options, keys, where);
  const initialLr = finiteAtLeast(options.initialLr, 0, "initialLr", where);
  return { ...readRates(options, where), initialLr, gradScale: 1 };
}

function readRates(options: Readonly<Record<string, unknown>>, where: string) {
  const rates = {
    lr: finiteAtLeast(options.lr, 0, "lr", where),
    weightDecay: finiteAtLeast(options.weightDecay, 0, "weightDecay", where),
    beta1: readBeta(options.beta1, "beta1", where),
    beta2: readBeta(options.beta2, "beta2", where),
    eps: finiteAtLeast(options.eps, 0, "eps", where),
    amsgrad: flag(options.amsgrad, "amsgrad", where),
  };
  checkEps(rates.eps, rates.beta2, where, ["eps", "beta2"]);
  return rates;
}

/** Updates all tensors. Every tensor's scalars are computed and checked before the first write. */
export function updateTensors(
  tensors: readonly PlainTensor[],
  rates: FunctionalRates,
  scalars: (inputs: ScalarInputs, out: StepScalars) => StepScalars,
): void {
  const rows = tensors.map(({ t }, index) => {
    const row = scalars({ ...rates, lrScale: 1, t }, {} as StepScalars);
    checkScalars(row, `params[${index}]`, t - 1);
    return row;
  });
  tensors.forEach((tensor, index) => {
    updateElements(tensor, rows[index]);
  });
}
