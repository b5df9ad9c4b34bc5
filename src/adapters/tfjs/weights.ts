import { allocate } from "../../errors.ts";
import { widenHalves } from "../../gradients/widen-halves.ts";
import type { Optimizer } from "../../optimizers/optimizer.ts";
import type { Dtype } from "../../parameters/parameter.ts";
import type { Operations, Variable } from "./tensorflow.ts";
import { assignValues, copiesValues, valuesOf } from "./tensors.ts";

/** A variable, the parameter that it is, and what it held when the optimizer last saw it. */
export interface BoundVariable {
  readonly parameter: string;
  readonly variable: Variable;
  dataId: object;
}

/** Brings the weights of parameters into their variables: with a 16-bit model, its values. */
export function writeWeights(
  tf: Operations,
  optimizer: Optimizer,
  model: Dtype,
  bound: readonly BoundVariable[],
): void {
  for (const each of bound) {
    const values =
      model === "float32" ? masterOf(tf, optimizer, each) : modelOf(optimizer, model, each);
    assignValues(tf, each.variable, values);
    each.dataId = each.variable.dataId;
  }
}

/** The weights of a parameter, for a tensor: a view of ashlar's memory where that is copied anyway. */
function masterOf(tf: Operations, optimizer: Optimizer, { parameter, variable }: BoundVariable) {
  const { parts } = optimizer.parameter(parameter);
  if (parts.length === 1 && copiesValues(tf)) return parts[0].master;
  const { size } = variable;
  const values = allocate(4 * size, "a variable's weights", () => new Float32Array(size));
  optimizer.copyTo({ [parameter]: values });
  return values;
}

/** Takes over what the variables hold. */
export function readWeights(
  tf: Operations,
  optimizer: Optimizer,
  bound: readonly BoundVariable[],
): void {
  for (const { parameter, variable } of bound) {
    optimizer.setWeights({ [parameter]: valuesOf(tf, variable) });
  }
  for (const each of bound) each.dataId = each.variable.dataId;
}

/**
 * Whether a variable holds the 16-bit model of its parameter: then the masters, which know more, are
 * the weights.
 */
export function holdsModel(
  tf: Operations,
  optimizer: Optimizer,
  model: Dtype,
  bound: BoundVariable,
): boolean {
  if (model === "float32") return false;
  const values = valuesOf(tf, bound.variable);
  return modelOf(optimizer, model, bound).every((value, index) => value === values[index]);
}

function modelOf(optimizer: Optimizer, model: Dtype, { parameter, variable }: BoundVariable) {
  const { size } = variable;
  const bits = allocate(2 * size, "a variable's weights", () => new Uint16Array(size));
  optimizer.copyTo({ [parameter]: bits });
  return widenHalves(bits, model === "bfloat16");
}
