import type { TensorDtype } from "../../state/safetensors/tensor.ts";
import {
  bfloat16Of,
  float16Of,
  oddWordOfDouble,
  wordOfBfloat16,
  wordOfDouble,
  wordOfFloat16,
} from "./float-bits.ts";

export type FloatDtype = "F64" | "F32" | "F16" | "BF16";
export type TargetDtype = Exclude<FloatDtype, "F64">;

export function isFloat(dtype: TensorDtype): dtype is FloatDtype {
  return dtype === "F64" || dtype === "F32" || dtype === "F16" || dtype === "BF16";
}

/** Elements in another dtype, and what became of the extremes. */
export interface Rounded {
  /** Gone with the next call. */
  readonly bytes: Uint8Array;
  /** Finite values that became infinite. */
  readonly overflowed: number;
  /** Values that became 0. */
  readonly vanished: number;
}

/** What rounds chunks of at most so many elements, each from a multiple of their size on. */
export function rounder(
  from: FloatDtype,
  to: TargetDtype,
  most: number,
): (bytes: Uint8Array) => Rounded {
  const words = new Uint32Array(most);
  const toWord = to === "F32" ? wordOfDouble : oddWordOfDouble;
  if (to === "F32") {
    return (bytes) => {
      const source = arrayOf(from, bytes);
      fill(words, source, from, toWord);
      return { bytes: bytesOf(words, source.length), ...countLost(words, source) };
    };
  }
  const halves = new Uint16Array(most);
  const narrow = to === "F16" ? float16Of : bfloat16Of;
  const infinity = to === "F16" ? 0x7c00 : 0x7f80;
  return (bytes) => {
    const { length } = fill(words, arrayOf(from, bytes), from, toWord);
    let overflowed = 0;
    let vanished = 0;
    for (let i = 0; i < length; i++) {
      const half = narrow(words[i]);
      halves[i] = half;
      if ((half & 0x7fff) === infinity && (words[i] & 0x7fffffff) < 0x7f800000) overflowed++;
      if ((half & 0x7fff) === 0 && (words[i] & 0x7fffffff) > 0) vanished++;
    }
    return { bytes: bytesOf(halves, length), overflowed, vanished };
  };
}

type Source = Float64Array | Uint32Array | Uint16Array;

function arrayOf(dtype: FloatDtype, { buffer, byteOffset, length }: Uint8Array): Source {
  switch (dtype) {
    case "F64":
      return new Float64Array(buffer, byteOffset, length / 8);
    case "F32":
      return new Uint32Array(buffer, byteOffset, length / 4);
    default:
      return new Uint16Array(buffer, byteOffset, length / 2);
  }
}

/** Writes the source as float32 bits. Returns the source. */
function fill(
  words: Uint32Array,
  source: Source,
  from: FloatDtype,
  toWord: (value: number) => number,
): Source {
  if (from === "F32") words.set(source);
  else {
    const convert = { F64: toWord, F16: wordOfFloat16, BF16: wordOfBfloat16 }[from];
    for (let i = 0; i < source.length; i++) words[i] = convert(source[i]);
  }
  return source;
}

/** What was lost on the way to float32, which only float64 numbers can be. */
function countLost(words: Uint32Array, source: Source) {
  let overflowed = 0;
  let vanished = 0;
  if (!(source instanceof Float64Array)) return { overflowed, vanished };
  for (let i = 0; i < source.length; i++) {
    const magnitude = words[i] & 0x7fffffff;
    if (magnitude === 0x7f800000 && Number.isFinite(source[i])) overflowed++;
    if (magnitude === 0 && source[i] !== 0) vanished++;
  }
  return { overflowed, vanished };
}

function bytesOf({ buffer, BYTES_PER_ELEMENT }: Uint32Array | Uint16Array, length: number) {
  return new Uint8Array(buffer, 0, length * BYTES_PER_ELEMENT);
}
