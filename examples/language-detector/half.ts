import type { Precision } from "./flags.ts";

/** A 16-bit format: how many bits a float16 or a bfloat16 keeps, and what they stand for. */
export type HalfFormat = Exclude<Precision, "float32">;

/** Every 16-bit pattern as the number that it stands for: one look-up widens an element. */
export function wideningTable(format: HalfFormat): Float32Array {
  const widened = new Uint32Array(65_536);
  for (let bits = 0; bits < widened.length; bits++) {
    widened[bits] = format === "bfloat16" ? bits << 16 : float32BitsOfHalf(bits);
  }
  return new Float32Array(widened.buffer);
}

const EXPONENT_SHIFT = 112; // float32's bias of 127 less float16's of 15

function float32BitsOfHalf(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) {
    const [magnitude] = new Uint32Array(Float32Array.of(fraction / 16_777_216).buffer); // 2^-24
    return sign | magnitude;
  }
  const wide = exponent === 0x1f ? 0xff : exponent + EXPONENT_SHIFT;
  return sign | (wide << 23) | (fraction << 13);
}

/**
 * Rounds float32 weights to 16 bits, to nearest, ties to even; too large becomes infinite.
 *
 * @param bits the weights' bits; no NaN among them
 */
export function narrow(bits: Uint32Array, format: HalfFormat, target: Uint16Array): void {
  if (format === "bfloat16") narrowToBfloat16(bits, target);
  else narrowToFloat16(bits, target);
}

function narrowToBfloat16(bits: Uint32Array, target: Uint16Array): void {
  for (let i = 0; i < target.length; i++) {
    const b = bits[i];
    target[i] = (b + 0x7fff + ((b >>> 16) & 1)) >>> 16;
  }
}

const LEAST_NORMAL = 0x38800000; // 2^-14
const LEAST_INFINITE = 0x47800000; // 2^16; from 65520 up the rounding carries into infinity
const REBIAS = EXPONENT_SHIFT << 23;
const HALF = 0x3f000000; // 0.5, whose last place is 2^-24, float16's smallest step

function narrowToFloat16(bits: Uint32Array, target: Uint16Array): void {
  const small = new Float32Array(1);
  const smallBits = new Uint32Array(small.buffer);
  for (let i = 0; i < target.length; i++) {
    const b = bits[i];
    const sign = (b >>> 16) & 0x8000;
    const size = b & 0x7fffffff;
    if (size >= LEAST_INFINITE) {
      target[i] = sign | 0x7c00;
    } else if (size >= LEAST_NORMAL) {
      target[i] = sign | ((size - REBIAS + 0xfff + ((size >>> 13) & 1)) >>> 13);
    } else {
      // Adding 0.5 lets the addition itself round to multiples of 2^-24.
      smallBits[0] = size;
      small[0] += 0.5;
      target[i] = sign | (smallBits[0] - HALF);
    }
  }
}
