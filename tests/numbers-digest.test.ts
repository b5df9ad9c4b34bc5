import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cosPi, exp, ipow, log, pow } from "../src/numbers/index.ts";
import { xorshift32 } from "./reference/random.ts";

// The same bits in every engine: SHA-256 over the results (float64, little-endian) at 200,000
// seeded points each. The arguments come from integer operations and exact scalings alone, so that
// a digest can only differ where a function does. A changed digest is a changed bit contract.

const test = suite("numbers, digests");

const POINTS = 200000;

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

interface Case {
  readonly name: string;
  readonly seed: number;
  readonly result: (from: Arguments) => number;
  readonly digest: string;
}

const CASES: readonly Case[] = [
  {
    name: "exp",
    seed: 0x3243f6a9,
    result: (from) => exp(from.unit() * 1500 - 770),
    digest: "0aa25f0b2767589df0d7b901d7a48dfdd0e221b12e3dca50ab96ec1046f4a239",
  },
  {
    name: "exp of small arguments",
    seed: 0x885a308d,
    result: (from) => exp(from.ofExponent(-60, 4)),
    digest: "1ec564b701337092c02a888f545279cd8e5b7e67e4178a5f58563c9dd9df9130",
  },
  {
    name: "log",
    seed: 0x313198a2,
    result: (from) => log(Math.abs(from.ofExponent(-1060, 1023))),
    digest: "8cdab8364b7de59acb51ff8ff19abf56e2c18f05cd56a3f196e5748767f32dc5",
  },
  {
    name: "log next to 1",
    seed: 0xe0370734,
    result: (from) => log(1 + from.ofExponent(-52, 0)),
    digest: "f5163d632c4577d987285e73bfba52b3bb4e1aa802106161f05e07bb19ce8701",
  },
  {
    name: "cosPi",
    seed: 0x4a409382,
    result: (from) => cosPi(from.ofExponent(-30, 54)),
    digest: "236ac111c53514430a7d9960ac9bbe2bbcc838df6d7dc2204258c5486c85580a",
  },
  {
    name: "pow",
    seed: 0x2299f31d,
    result: (from) => pow(Math.abs(from.ofExponent(-8, 8)), from.ofExponent(-8, 7)),
    digest: "23267c71c9242346eda3e0f9cee24fa1f4c120ff878599bdc6c06780796ef986",
  },
  {
    name: "pow next to 1",
    seed: 0x0082efa9,
    result: (from) => pow(1 + from.ofExponent(-30, -8), from.ofExponent(8, 24)),
    digest: "49caf948eab208fa2a5c030462e53037f493cc3589e92cd6e0b8377418e45cad",
  },
  {
    name: "ipow",
    seed: 0x8ec4e6c9,
    result: (from) => ipow(1 - from.unit() / 1024, from.integer(0, 1048575)),
    digest: "5ef31df827962f848536abf9041795e525a4cfcf54e01c7e09589ada9966b712",
  },
];

for (const { name, seed, result, digest } of CASES) {
  test(`the bits of ${name} are the published ones`, () => {
    const from = new Arguments(seed);
    const view = new DataView(new ArrayBuffer(8 * POINTS));
    let finite = 0;
    for (let i = 0; i < POINTS; i++) {
      const value = result(from);
      // The bits of a NaN are not defined, so there may be none.
      assert.not(Number.isNaN(value));
      if (Number.isFinite(value) && value !== 0) finite++;
      view.setFloat64(8 * i, value, true);
    }
    assert.ok(finite > 0.9 * POINTS, `${finite} of ${POINTS} results are finite and not 0`);
    assert.is(bytesToHex(sha256(new Uint8Array(view.buffer))), digest, `of ${name}`);
  });
}

test.run();
