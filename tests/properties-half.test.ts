import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { instantiate } from "../src/core/kernel.ts";
import { holds } from "./reference/property.ts";
import type { HalfName } from "./reference/round-half.ts";

// tests/half.test.ts compares bits with another way of rounding and widens all 65,536 patterns. These
// are what rounding to nearest means, said without any way of doing it.

const test = suite("properties: halves");

const MOST = 64;
const FROM = 65_536;
const TO = FROM + MOST * 4;
const memory = new WebAssembly.Memory({ initial: 2 });
const kernel = instantiate(memory);
const words = new Uint32Array(memory.buffer, FROM, MOST);
const reals = new Float32Array(memory.buffer, FROM, MOST);
const halves = new Uint16Array(memory.buffer, TO, MOST);

const FORMATS = {
  float16: { infinity: 0x7c00, beyond: 65_536, dropped: 13 },
  bfloat16: { infinity: 0x7f80, beyond: 2 ** 128, dropped: 16 },
};

function narrow(name: HalfName, bits: readonly number[]): Uint16Array {
  words.set(bits);
  if (name === "float16") kernel.narrowFloat16(FROM, TO, bits.length);
  else kernel.narrowBfloat16(FROM, TO, bits.length);
  return halves.slice(0, bits.length);
}

/** The values of halves; for an infinite one, the first number that the format has not. */
function widen(name: HalfName, bits: readonly number[]): number[] {
  halves.set(bits);
  if (name === "float16") kernel.widenFloat16(TO, FROM, bits.length);
  else kernel.widenBfloat16(TO, FROM, bits.length);
  const { beyond } = FORMATS[name];
  return Array.from(reals.subarray(0, bits.length), (x) =>
    Number.isFinite(x) ? x : Math.sign(x) * beyond,
  );
}

/** Bits of finite float32 numbers: any, and halfway between two halves or next to that. */
const finiteBits = (name: HalfName) => {
  const { dropped } = FORMATS[name];
  const tie = 1 << (dropped - 1);
  const any = fc.nat(0xffffffff);
  const near = fc
    .tuple(any, fc.constantFrom(tie, tie - 1, tie + 1, 0, 1))
    .map(([bits, low]) => (bits - (bits % (2 * tie)) + low) >>> 0);
  // Around the format's subnormals and its largest numbers, which few of all float32 are.
  const inRange = fc
    .tuple(fc.integer({ min: 100, max: 145 }), fc.nat(0x7fffff), fc.boolean())
    .map(
      ([exponent, fraction, sign]) => ((exponent << 23) | fraction | (sign ? 1 << 31 : 0)) >>> 0,
    );
  const finite = fc.oneof(any, near, inRange).filter((bits) => (bits & 0x7f800000) !== 0x7f800000);
  return fc.array(finite, { minLength: 1, maxLength: 20 });
};

for (const name of ["float16", "bfloat16"] as const) {
  const { infinity } = FORMATS[name];

  test(`${name}: no other half is nearer, and of two as near the even one is taken`, () => {
    holds(
      fc.property(finiteBits(name), (bits) => {
        const narrowed = narrow(name, bits);
        const values = reals.slice(0, bits.length);
        for (const [i, half] of narrowed.entries()) {
          const [x, sign] = [values[i], half & 0x8000];
          assert.is(sign !== 0, x < 0 || Object.is(x, -0), "the sign is kept");
          const magnitude = half & 0x7fff;
          const others = [magnitude - 1, magnitude + 1].filter((m) => m >= 0 && m <= infinity);
          const [own, ...near] = widen(name, [half, ...others.map((m) => sign | m)]);
          for (const other of near) {
            const [distance, rival] = [Math.abs(x - own), Math.abs(x - other)];
            const text = `${x} to ${own}, not ${other}`;
            assert.ok(distance < rival || (distance === rival && half % 2 === 0), text);
          }
        }
      }),
      2000,
    );
  });

  test(`${name}: narrowing keeps the order`, () => {
    holds(
      fc.property(finiteBits(name), (bits) => {
        const narrowed = [...narrow(name, bits)];
        const values = reals.slice(0, bits.length);
        const widened = widen(name, narrowed);
        const order = bits.map((_, i) => i).sort((a, b) => values[a] - values[b]);
        for (const [place, i] of order.entries()) {
          if (place > 0) assert.ok(widened[order[place - 1]] <= widened[i], `${values[i]}`);
        }
      }),
      1000,
    );
  });
}

test.run();
