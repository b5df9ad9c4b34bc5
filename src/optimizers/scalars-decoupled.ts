import type { StepScalars } from "../core/step-scalars.ts";
import { type ScalarInputs, stepScalars } from "./scalars.ts";

/**
 * lr / initialLr: how far a schedule has brought the rate, and so how much of the weight decay is
 * in force. 1 where initialLr is 0, as in the original. A parameter's lr scale multiplies both and
 * so is not in it.
 */
export function decayFactor(lr: number, initialLr: number): number {
  return initialLr === 0 ? 1 : lr / initialLr;
}

/**
 * The scalars of Composer's DecoupledAdamW: the common core, with a decay that follows the schedule
 * but not the size of the rate.
 *
 *   p *= 1 - (lr / initialLr) * wd
 *
 * The same for all arithmetics: what it means, prints and runs is one formula.
 * Source: composer/optim/decoupled_weight_decay.py; Loshchilov & Hutter 2019, algorithm 2, where
 * lr / initialLr is the schedule multiplier eta_t.
 */
export function decoupledScalars(inputs: ScalarInputs, out: StepScalars): StepScalars {
  stepScalars(inputs, out);
  out.decay = decayFactor(inputs.lr, inputs.initialLr) * inputs.weightDecay;
  return out;
}
