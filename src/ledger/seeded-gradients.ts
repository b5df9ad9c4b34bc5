import { mismatch, wrongKind, wrongValue } from "../errors.ts";
import { machineryOf, type Optimizer } from "../optimizers/optimizer.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { knownKeys, optionObject, wholeNumberBetween } from "../validate.ts";
import { GENERATOR, GENERATOR_VERSION, type GeneratorData } from "./format.ts";

/** What seeded gradients are made of. */
export interface SeededGradientsOptions {
  /** A whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  /** Values lie in [-scale, scale): above 0, at most 2^62. Default 0.01. */
  readonly scale?: number;
}

const WHERE = "seededGradients";
const MOST_SCALE = 0x4000000000000000;
/** 2^-149, the smallest subnormal float32. */
const SMALLEST = 1.401298464324817e-45;
const TWO_25 = 0x2000000;
const TWO_32 = 0x100000000;

/**
 * Makes gradients of a seed: for tests and proofs that any engine can make again. A value is a
 * function of the seed, the step, the parameter's name and the element only, exact in float32.
 * One in 64 is a zero, one in 128 of them negative, and one in 64 subnormal. docs/ledger.md has the
 * generator as a specification.
 *
 * @throws TypeError, RangeError for a bad option
 */
export function seededGradients(options: SeededGradientsOptions): SeededGradients {
  const { seed, scale = 0.01 } = optionObject(options, "options", WHERE);
  knownKeys(options, ["seed", "scale"], WHERE);
  wholeNumberBetween(seed, 0, TWO_32 - 1, "seed", WHERE);
  const expected = "a number above 0, at most 2^62";
  if (typeof scale !== "number") throw wrongKind("scale", WHERE, expected, scale);
  if (!(scale > 0 && scale <= MOST_SCALE)) throw wrongValue("scale", WHERE, expected, scale);
  return new SeededGradients({
    generator: GENERATOR,
    version: GENERATOR_VERSION,
    seed: seed as number,
    scale,
  });
}

/** What seededGradients makes. */
export class SeededGradients {
  /** What makes it again, as frozen plain data. */
  readonly data: GeneratorData;

  constructor(data: GeneratorData) {
    this.data = Object.freeze(data);
  }

  /**
   * Writes every parameter's gradient view; 16-bit gradients are cut to their dtype.
   *
   * @param step index of the step from 0; by default the one that the optimizer takes next, which is
   *   what `ashlar verify` replays
   * @throws AshlarError DISPOSED
   */
  fill(optimizer: Optimizer, step: number = optimizer.steps): void {
    wholeNumberBetween(step, 0, Number.MAX_SAFE_INTEGER, "step", "fill");
    const machinery = machineryOf(optimizer);
    const slabs = machinery.open();
    const { gradients } = machinery.rule.settings;
    for (const { name, index } of machinery.bound.entries) {
      const stream = new Stream(this.data, step, name);
      for (const part of slabs.partsOf(index)) {
        if (gradients === "float32") stream.fill(slabs.floats(part, "grad"));
        else stream.fillHalves(slabs.gradient16(part), gradients);
      }
    }
  }

  /**
   * The gradient of one parameter: float32[length].
   *
   * @param step index of the step from 0
   */
  values(name: string, length: number, step: number): Float32Array {
    wholeNumberBetween(step, 0, Number.MAX_SAFE_INTEGER, "step", "values");
    wholeNumberBetween(length, 0, TWO_32 - 1, "length", "values");
    const values = new Float32Array(length);
    new Stream(this.data, step, name).fill(values);
    return values;
  }

  /** As text in messages. */
  toString(): string {
    return `${WHERE}({ seed: ${this.data.seed}, scale: ${this.data.scale} })`;
  }
}

/** @throws TypeError */
export function requireSeeded(value: unknown, what: string, where: string): SeededGradients {
  if (value instanceof SeededGradients) return value;
  const expected = "true or what seededGradients makes";
  throw new TypeError(mismatch(what, where, expected, String(value)));
}

/** The values of one parameter's gradient in one step, in the order of its elements. */
class Stream {
  readonly #scale: number;
  #state: number;

  constructor({ seed, scale }: GeneratorData, step: number, name: string) {
    this.#scale = scale;
    const steps = mix(mix(seed) ^ (step % TWO_32)) ^ Math.floor(step / TWO_32);
    // xorshift32 stays at 0.
    this.#state = mix(mix(steps) ^ hashOf(name)) || 1;
  }

  fill(into: Float32Array): void {
    const scale = this.#scale;
    let state = this.#state;
    for (let i = 0; i < into.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      into[i] = elementOf(state, scale);
    }
    this.#state = state;
  }

  fillHalves(into: Uint16Array, dtype: Dtype): void {
    const values = new Float32Array(1);
    const bits = new Uint32Array(values.buffer);
    for (let i = 0; i < into.length; i++) {
      this.fill(values);
      into[i] = dtype === "bfloat16" ? bits[0] >>> 16 : cutToFloat16(bits[0]);
    }
  }
}

/** The lowest 6 bits choose the kind, the others the value. */
function elementOf(state: number, scale: number): number {
  const upper = state >> 6; // -2^25 to 2^25 - 1
  const kind = state & 63;
  if (kind === 0) return upper & 1 ? -0 : 0;
  if (kind === 1) return (upper >> 3) * SMALLEST; // subnormal: below 2^-126 in magnitude
  return (upper / TWO_25) * scale;
}

/** The bits of a finite float32 as float16, cut towards zero; what is too large becomes the largest. */
function cutToFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const fraction = bits & 0x7fffff;
  if (exponent >= 31) return sign | 0x7bff;
  if (exponent > 0) return sign | (exponent << 10) | (fraction >>> 13);
  return exponent < -10 ? sign : sign | ((fraction | 0x800000) >>> (14 - exponent));
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain): a bijection of 32 bits. */
function mix(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** FNV-1a over the name's UTF-16 code units. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash;
}
