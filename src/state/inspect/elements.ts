import { bitsOf, type TensorDtype } from "../safetensors/tensor.ts";
import { type SmallFloatDtype, valuesOf } from "./small-floats.ts";

/** Reads elements as float64. The bytes are whole elements, from a multiple of their size on. */
export type Decode = (bytes: Uint8Array, into: Float64Array) => void;

/** A class of typed arrays. */
interface ArrayType<Numbers> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset: number, length: number): Numbers;
}

const ARRAYS: Readonly<Partial<Record<TensorDtype, ArrayType<ArrayLike<number>>>>> = {
  BOOL: Uint8Array,
  U8: Uint8Array,
  I8: Int8Array,
  U16: Uint16Array,
  I16: Int16Array,
  U32: Uint32Array,
  I32: Int32Array,
  F32: Float32Array,
  F64: Float64Array,
};

/** What reads a dtype's elements as numbers; null where they are none: complex, or below 8 bits. */
export function decoderOf(dtype: TensorDtype): Decode | null {
  const numbers = ARRAYS[dtype];
  if (numbers) return (bytes, into) => into.set(viewOf(numbers, bytes));
  switch (dtype) {
    case "F16":
    case "BF16":
      return byTable(dtype, Uint16Array);
    case "F8_E5M2":
    case "F8_E4M3":
    case "F8_E8M0":
    case "F8_E4M3FNUZ":
    case "F8_E5M2FNUZ":
      return byTable(dtype, Uint8Array);
    case "I64":
      return wide(Int32Array);
    case "U64":
      return wide(Uint32Array);
    default:
      return null;
  }
}

/** Elements of a tensor: the product of its sizes. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Bytes that hold whole elements: those of one, or one where several share it. */
export function unitBytes(dtype: TensorDtype): number {
  return Math.max(1, bitsOf(dtype) / 8);
}

function viewOf<Numbers>(
  type: ArrayType<Numbers>,
  { buffer, byteOffset, length }: Uint8Array,
): Numbers {
  return new type(buffer, byteOffset, length / type.BYTES_PER_ELEMENT);
}

function byTable(dtype: SmallFloatDtype, patternType: ArrayType<ArrayLike<number>>): Decode {
  const values = valuesOf(dtype);
  return (bytes, into) => {
    const patterns = viewOf(patternType, bytes);
    for (let i = 0; i < patterns.length; i++) into[i] = values[patterns[i]];
  };
}

/** Whole numbers of 64 bits, rounded to float64 where they are beyond 2^53. */
function wide(highType: ArrayType<ArrayLike<number>>): Decode {
  return (bytes, into) => {
    const low = viewOf(Uint32Array, bytes);
    const high = viewOf(highType, bytes);
    for (let i = 0; i < into.length; i++) into[i] = high[2 * i + 1] * 0x1_0000_0000 + low[2 * i];
  };
}
