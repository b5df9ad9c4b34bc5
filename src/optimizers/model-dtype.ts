import { mismatch, show, wrongValue } from "../errors.ts";
import type { NamedParameter } from "../parameters/named.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { isPlainRecord } from "../validate.ts";

/**
 * The option `precision`, in which 16-bit parameters have said what `model` is, as where a
 * parameter's dtype is the model's. A model that is given wins; "float32" widens all of them.
 *
 * @throws RangeError where the dtypes of the parameters are mixed and no model is given, or where a
 *   16-bit model is given and a parameter is of the other 16-bit dtype, which it could not hold
 */
export function precisionWithModel(
  precision: unknown,
  parameters: readonly NamedParameter[],
): unknown {
  // What is no object of options is refused where precision is read.
  if (precision !== undefined && !isPlainRecord(precision)) return precision;
  const model = precision?.model;
  if (model === undefined) return { ...precision, model: commonDtype(parameters) };
  const other = parameters.find(({ dtype }) => dtype !== "float32" && dtype !== model);
  if (other && (model === "float16" || model === "bfloat16")) {
    const { name, dtype } = other;
    const expected = `${show(dtype)}, the dtype of parameter ${show(name)}, or "float32"`;
    throw wrongValue("model", "precision", expected, model);
  }
  return precision;
}

function commonDtype(parameters: readonly NamedParameter[]): Dtype {
  const [first] = parameters;
  const other = parameters.find(({ dtype }) => dtype !== first.dtype);
  if (!other) return first.dtype;
  const expected = `${show(first.dtype)}, as parameter ${show(first.name)} has`;
  const remedy =
    "An optimizer keeps one dtype: say which by precision.model, or make an optimizer for each";
  throw new RangeError(
    mismatch("dtype", `parameter ${show(other.name)}`, expected, show(other.dtype), remedy),
  );
}
