import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { cosPi, exp, ipow, log, pow } from "../../src/numbers/index.ts";
import { xorshift32 } from "./random.ts";

// Seeded points for src/numbers and digests of the results. The arguments come from integer
// operations and exact scalings alone, so that a digest can only differ where a function does.

/** Draws of one function's arguments: all exact, so the same in every engine. */
class Arguments {
  readonly #draw: () => number;

  constructor(seed: number) {
    this.#draw = xorshift32(seed);
  }

  integer(low: number, high: number): number {
    return low + (this.#draw() % (high - low + 1));
  }

  /** A multiple of 2^-53 from 0 up to 1. */
  unit(): number {
    return ((this.#draw() >>> 5) * 67108864 + (this.#draw() >>> 6)) / 9007199254740992;
  }

  /** A number of either sign below 2^high, its exponent spread evenly down to 2^low. */
  ofExponent(low: number, high: number): number {
    let scale = 1;
    const exponent = this.integer(low, high);
    for (let i = 0; i < Math.abs(exponent); i++) scale *= exponent < 0 ? 0.5 : 2;
    return (2 * this.unit() - 1) * scale;
  }
}

/** A function of src/numbers over a range of arguments. */
export interface NumbersCase {
  readonly name: string;
  readonly seed: number;
  readonly result: (from: Arguments) => number;
}

export const NUMBERS_CASES: readonly NumbersCase[] = [
  { name: "exp", seed: 0x3243f6a9, result: (from) => exp(from.unit() * 1500 - 770) },
  {
    name: "exp of small arguments",
    seed: 0x885a308d,
    result: (from) => exp(from.ofExponent(-60, 4)),
  },
  { name: "log", seed: 0x313198a2, result: (from) => log(Math.abs(from.ofExponent(-1060, 1023))) },
  { name: "log next to 1", seed: 0xe0370734, result: (from) => log(1 + from.ofExponent(-52, 0)) },
  { name: "cosPi", seed: 0x4a409382, result: (from) => cosPi(from.ofExponent(-30, 54)) },
  {
    name: "pow",
    seed: 0x2299f31d,
    result: (from) => pow(Math.abs(from.ofExponent(-8, 8)), from.ofExponent(-8, 7)),
  },
  {
    name: "pow next to 1",
    seed: 0x0082efa9,
    result: (from) => pow(1 + from.ofExponent(-30, -8), from.ofExponent(8, 24)),
  },
  {
    name: "ipow",
    seed: 0x8ec4e6c9,
    result: (from) => ipow(1 - from.unit() / 1024, from.integer(0, 1048575)),
  },
];

/**
 * SHA-256 over the results at the first points of a case (float64, little-endian). Hex.
 *
 * @throws Error for a NaN, whose bits are not defined, and where 1 in 10 results is 0 or infinite:
 *   a digest of those would say nothing
 */
export function numbersDigest({ name, seed, result }: NumbersCase, points: number): string {
  const from = new Arguments(seed);
  const view = new DataView(new ArrayBuffer(8 * points));
  let telling = 0;
  for (let i = 0; i < points; i++) {
    const value = result(from);
    if (Number.isNaN(value)) throw new Error(`${name}: point ${i} gives NaN`);
    if (Number.isFinite(value) && value !== 0) telling++;
    view.setFloat64(8 * i, value, true);
  }
  if (telling <= 0.9 * points) throw new Error(`${name}: ${telling} of ${points} results tell`);
  return bytesToHex(sha256(new Uint8Array(view.buffer)));
}
