import type { PlainTensor } from "../core/plain-update.ts";
import { AshlarError, mismatch, wrongKind } from "../errors.ts";
import { isFloat32Array, lengthOf, requireLength, wholeNumberBetween } from "../validate.ts";
import { LARGEST_GRADIENT } from "./find-bad-gradient.ts";

/** The arguments of a functional form: lists over the parameters. */
export interface FunctionalStates {
  readonly params: readonly Float32Array[];
  readonly grads: readonly Float32Array[];
  readonly expAvgs: readonly Float32Array[];
  readonly expAvgSqs: readonly Float32Array[];
  readonly maxExpAvgSqs: readonly Float32Array[];
  readonly stateSteps: ArrayLike<number>;
}

const MOST_STEPS = Number.MAX_SAFE_INTEGER;

/**
 * Checks all arguments and gives them parameter by parameter.
 *
 * @throws TypeError, RangeError for a bad list, array or step; AshlarError NON_FINITE
 */
export function readTensors(
  states: FunctionalStates,
  amsgrad: boolean,
  where: string,
): PlainTensor[] {
  const { params, maxExpAvgSqs, stateSteps } = states;
  const lists = ["params", "grads", "expAvgs", "expAvgSqs"] as const;
  for (const what of lists) checkList(states[what], what, params, where);
  if (amsgrad) checkList(maxExpAvgSqs, "maxExpAvgSqs", params, where);
  else if (!Array.isArray(maxExpAvgSqs)) {
    throw wrongKind(
      "maxExpAvgSqs",
      where,
      "an array; without amsgrad it may be empty",
      maxExpAvgSqs,
    );
  }
  if (!Array.isArray(stateSteps) && !ArrayBuffer.isView(stateSteps)) {
    throw wrongKind("stateSteps", where, "an array of numbers", stateSteps);
  }
  if (stateSteps.length !== params.length) {
    throw wrongLength("stateSteps", where, params.length, stateSteps.length);
  }
  for (const [index, gradient] of states.grads.entries()) {
    checkGradient(gradient, `grads[${index}]`, where);
  }
  return params.map((p, index) => ({
    p,
    g: states.grads[index],
    m: states.expAvgs[index],
    v: states.expAvgSqs[index],
    vmax: amsgrad ? maxExpAvgSqs[index] : null,
    t: wholeNumberBetween(stateSteps[index], 1, MOST_STEPS, `stateSteps[${index}]`, where),
  }));
}

/** As many Float32Arrays as there are params, each as long as its param. */
function checkList(
  list: unknown,
  what: string,
  params: readonly Float32Array[],
  where: string,
): void {
  if (!Array.isArray(list)) throw wrongKind(what, where, "an array of Float32Array", list);
  if (list.length !== params.length) throw wrongLength(what, where, params.length, list.length);
  // Not forEach: it passes over holes.
  for (const [index, array] of (list as unknown[]).entries()) {
    const called = `${what}[${index}]`;
    if (!isFloat32Array(array)) throw wrongKind(called, where, "a Float32Array", array);
    requireLength(array, lengthOf(params[index]), called, where);
  }
}

function wrongLength(what: string, where: string, expected: number, got: number): RangeError {
  return new RangeError(mismatch(what, where, `${expected}, one for each of params`, String(got)));
}

/** As the class by default: a gradient that would spoil the state is refused. */
function checkGradient(gradient: Float32Array, what: string, where: string): void {
  for (let i = 0; i < gradient.length; i++) {
    if (Math.abs(gradient[i]) <= LARGEST_GRADIENT) continue;
    const expected = "a finite number of at most 2^63";
    const message = mismatch(`${what}[${i}]`, where, expected, String(gradient[i]));
    throw new AshlarError("NON_FINITE", `${message}. Nothing was changed`);
  }
}
