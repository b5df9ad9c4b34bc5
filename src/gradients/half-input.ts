import { show, wrongKind } from "../errors.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { isUint16Array, requireLength } from "../validate.ts";

/** What a Float16Array has of an array of bits; older engines and type libraries know none. */
export interface Float16Bits {
  /** Where the bits lie. */
  readonly buffer: ArrayBufferLike;
  /** Byte of the buffer where they begin. */
  readonly byteOffset: number;
  /** Number of elements. */
  readonly length: number;
}

/** A gradient in 16 bits: the bits themselves, or numbers where the engine has float16. */
export type HalfGradient = Uint16Array | Float16Bits;

type HalfDtype = Exclude<Dtype, "float32">;

/**
 * The bits of a 16-bit array, without a copy: an array over the same memory. null for anything else;
 * a Float16Array holds no bfloat16.
 */
export function bitsOf(array: unknown, dtype: HalfDtype): Uint16Array | null {
  if (isUint16Array(array)) return array;
  if (dtype !== "float16" || !isFloat16Array(array)) return null;
  return new Uint16Array(array.buffer, array.byteOffset, array.length);
}

/** How messages call the 16-bit arrays that a gradient of this dtype may come in. */
export function halfKinds(dtype: HalfDtype): string {
  const other = dtype === "float16" ? " or a Float16Array" : "";
  return `a Uint16Array of ${dtype} bits${other}`;
}

/**
 * Checks a float16 or bfloat16 gradient and gives its bits. The core widens them, which is exact.
 *
 * @returns uint16[length]
 * @throws TypeError  another kind of array
 * @throws RangeError another length
 */
export function halfBits(
  gradient: unknown,
  dtype: HalfDtype,
  parameter: { readonly name: string; readonly length: number },
): Uint16Array {
  const where = `parameter ${show(parameter.name)}`;
  const bits = bitsOf(gradient, dtype);
  if (bits === null) {
    throw wrongKind("gradient", where, `a Float32Array, ${halfKinds(dtype)}`, gradient);
  }
  requireLength(bits, parameter.length, "gradient", where);
  return bits;
}

function isFloat16Array(value: unknown): value is Float16Bits {
  const { Float16Array } = globalThis as { Float16Array?: unknown };
  return typeof Float16Array === "function" && value instanceof Float16Array;
}
