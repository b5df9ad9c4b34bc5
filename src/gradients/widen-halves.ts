import { allocate } from "../errors.ts";

const word = new Uint32Array(1);
const real = new Float32Array(word.buffer);

/** 2^112, the distance of the two formats' exponents: as float32 its bits are 239 << 23. */
const REBIAS = new Float32Array(Uint32Array.of(239 << 23).buffer)[0];

/**
 * float16 or bfloat16 bits as float32, exactly; infinities and NaN stay what they are.
 *
 * @param bits uint16[length]
 * @returns float32[length]
 */
export function widenHalves(bits: Uint16Array, bfloat16: boolean): Float32Array {
  const { length } = bits;
  const values = allocate(4 * length, "widened halves", () => new Float32Array(length));
  for (let i = 0; i < bits.length; i++) values[i] = bfloat16 ? wideB(bits[i]) : wide(bits[i]);
  return values;
}

function wideB(half: number): number {
  word[0] = half << 16;
  return real[0];
}

function wide(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const magnitude = half & 0x7fff;
  if (magnitude > 0x7c00) return Number.NaN;
  if (magnitude === 0x7c00) return sign * Number.POSITIVE_INFINITY;
  word[0] = magnitude << 13;
  return sign * (real[0] * REBIAS);
}
