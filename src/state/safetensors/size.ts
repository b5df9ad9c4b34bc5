import { show } from "../../errors.ts";
import { refusal } from "../checkpoint-error.ts";
import { bitsOf, type TensorDtype } from "./tensor.ts";

/**
 * Bytes of a tensor.
 *
 * @throws CheckpointError where they cannot be counted exactly, or are no whole number
 */
export function sizeOf(name: string, dtype: TensorDtype, shape: readonly number[]): number {
  const bits = bitsOf(dtype);
  let count = 1;
  for (const size of shape) count = counted(count * size, "elements", name, shape);
  if (bits >= 8) return counted(count * (bits / 8), "bytes", name, shape);
  const all = counted(count * bits, "bits", name, shape);
  if (all % 8 === 0) return all / 8;
  throw refusal(
    "MISALIGNED",
    "shape",
    `tensor ${show(name)}`,
    `a whole number of bytes, as elements of ${dtype} have ${bits} bits`,
    `${all} bits`,
  );
}

/** The number, unless it is beyond those that are exact. */
function counted(number: number, unit: string, name: string, shape: readonly number[]): number {
  if (number <= Number.MAX_SAFE_INTEGER) return number;
  throw refusal(
    "SIZE_OVERFLOW",
    "shape",
    `tensor ${show(name)}`,
    `at most ${Number.MAX_SAFE_INTEGER} ${unit}`,
    show(shape),
  );
}
