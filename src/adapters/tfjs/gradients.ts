import { mismatch, show, showShape, wrongKind, wrongValue } from "../../errors.ts";
import type { Operations, Tensor, Variable, VariableGradients } from "./tensorflow.ts";

/** A variable and its gradient. */
export interface VariableGradient {
  readonly name: string;
  readonly variable: Variable;
  readonly gradient: Tensor;
}

const WHERE = "applyGradients";

/**
 * The gradients that are there, each with its variable, in the order given.
 *
 * @throws TypeError for a wrong kind or dtype; RangeError for a name that no variable has, or that
 *   is given twice, and for another shape
 */
export function readVariableGradients(
  tf: Operations,
  gradients: VariableGradients,
): VariableGradient[] {
  if (typeof gradients !== "object" || gradients === null) {
    const expected = "a record of name to tensor, or a list of { name, tensor }";
    throw wrongKind("gradients", WHERE, expected, gradients);
  }
  const pairs = Array.isArray(gradients)
    ? gradients.map(({ name, tensor }) => [name, tensor] as const)
    : Object.entries(gradients);
  const seen = new Set<string>();
  const { registeredVariables } = tf.engine();
  return pairs.flatMap(([name, gradient]) => {
    if (seen.has(name)) throw wrongValue("gradients", WHERE, "each variable once", name);
    seen.add(name);
    if (gradient === null || gradient === undefined) return [];
    if (!Object.hasOwn(registeredVariables, name)) {
      throw wrongValue("gradients", WHERE, "names of variables", name);
    }
    const variable = registeredVariables[name];
    check(name, variable, gradient);
    return [{ name, variable, gradient }];
  });
}

function check(name: string, variable: Variable, gradient: Tensor): void {
  const where = `variable ${show(name)}`;
  if (variable.dtype !== "float32") {
    throw new TypeError(mismatch("dtype", where, "float32", variable.dtype));
  }
  if (!Array.isArray(gradient.shape) || typeof gradient.dataSync !== "function") {
    throw wrongKind("gradient", where, "a tensor, or null", gradient);
  }
  if (gradient.dtype !== "float32") {
    throw new TypeError(mismatch("gradient", where, "float32", gradient.dtype));
  }
  const [expected, got] = [variable.shape, gradient.shape].map(showShape);
  if (expected !== got) {
    throw new RangeError(mismatch("gradient", where, `shape ${expected}`, `shape ${got}`));
  }
}
