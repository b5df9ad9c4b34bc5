import { show, wrongKind, wrongValue } from "../errors.ts";
import type { Dtype } from "../parameters/parameter.ts";

/** What a Float16Array has of an array of bits; older engines and type libraries know none. */
interface Float16Bits {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly length: number;
}

/** A gradient in 16 bits: the bits themselves, or numbers where the engine has float16. */
export type HalfGradient = Uint16Array | Float16Bits;

/**
 * Checks a float16 or bfloat16 gradient and gives its bits, without a copy: an array over the same
 * memory. The core widens them, which is exact.
 *
 * @returns uint16[length]
 * @throws TypeError  another kind of array; a Float16Array holds no bfloat16
 * @throws RangeError another length
 */
export function halfBits(
  gradient: unknown,
  dtype: Exclude<Dtype, "float32">,
  parameter: { readonly name: string; readonly length: number },
): Uint16Array {
  const where = `parameter ${show(parameter.name)}`;
  const bits = dtype === "float16" && isFloat16Array(gradient) ? bitsOf(gradient) : gradient;
  if (!(bits instanceof Uint16Array)) {
    const expected = `a Uint16Array of ${dtype} bits`;
    const other = dtype === "float16" ? " or a Float16Array" : "";
    throw wrongKind("gradient", where, expected + other, gradient);
  }
  if (bits.length !== parameter.length) {
    throw wrongValue("gradient", where, `${parameter.length} elements`, bits.length);
  }
  return bits;
}

function isFloat16Array(value: unknown): value is Float16Bits {
  const { Float16Array } = globalThis as { Float16Array?: unknown };
  return typeof Float16Array === "function" && value instanceof Float16Array;
}

const bitsOf = ({ buffer, byteOffset, length }: Float16Bits) =>
  new Uint16Array(buffer, byteOffset, length);
