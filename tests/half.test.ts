import { suite } from "uvu";
import * as assert from "uvu/assert";
import { instantiate } from "../src/core/kernel.ts";
import { xorshift32 } from "./reference/random.ts";
import { type HalfName, isHalfNaN, roundHalf, valueOfHalf } from "./reference/round-half.ts";

const test = suite("half");

const COUNT = 65536;
const FROM = 65536;
const TO = FROM + COUNT * 4;
const memory = new WebAssembly.Memory({ initial: 8 });
const kernel = instantiate(memory);
const words = new Uint32Array(memory.buffer, FROM, COUNT);
const reals = new Float32Array(memory.buffer, FROM, COUNT);
const halves = new Uint16Array(memory.buffer, TO, COUNT);

/** Signed zeros, infinities, NaN, the largest float32 and the smallest subnormals. */
const SPECIAL_WORDS = [
  0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f7fffff, 0xff7fffff, 1,
  0x80000001,
];

const narrow = (name: HalfName, count: number) =>
  name === "float16"
    ? kernel.narrowFloat16(FROM, TO, count)
    : kernel.narrowBfloat16(FROM, TO, count);

/** The least magnitudes that round to infinity. */
const FIRST_INFINITE = { float16: 65_520, bfloat16: 2 ** 128 - 2 ** 119 };

/**
 * Compares what narrowing the first `count` words gives with the arithmetic rounding: as they are, and
 * without what is beyond the format, for which the core has a loop of its own.
 */
function check(name: HalfName, count: number): void {
  compare(name, count);
  for (let i = 0; i < count; i++) {
    // Written so that NaN is replaced too.
    if (!(Math.abs(reals[i]) < FIRST_INFINITE[name])) words[i] &= 0xbfffffff;
    if (!(Math.abs(reals[i]) < FIRST_INFINITE[name])) words[i] &= 0xc07fffff;
  }
  compare(name, count);
}

function compare(name: HalfName, count: number): void {
  let overflows = 0;
  const overflowed = narrow(name, count);
  for (let i = 0; i < count; i++) {
    const x = reals[i];
    const expected = roundHalf(x, name);
    if (halves[i] !== expected && !(Number.isNaN(x) && isHalfNaN(halves[i], name))) {
      assert.unreachable(
        `${name} of 0x${words[i].toString(16)}: expected 0x${expected.toString(16)}, ` +
          `got 0x${halves[i].toString(16)}`,
      );
    }
    if (Number.isFinite(x) && (expected & 0x7fff) === (name === "float16" ? 0x7c00 : 0x7f80)) {
      overflows++;
    }
  }
  assert.is(overflowed, overflows, `${name}: count of values that became infinite`);
}

for (const name of ["float16", "bfloat16"] as const) {
  const droppedBits = name === "float16" ? 13 : 16;
  const tie = 1 << (droppedBits - 1);

  test(`${name}: 256 exponents x 2 signs x 20,480 significands, ties and their neighbours among them`, () => {
    const next = xorshift32(0x5eed1234);
    let checked = 0;
    let filled = 0;
    for (let signExponent = 0; signExponent < 512; signExponent++) {
      for (let i = 0; i < 20480; i++) {
        const u = next();
        const upper = u & (0x7fffff & ~(2 * tie - 1));
        const lower = [tie, tie - 1, tie + 1, 0, u & (2 * tie - 1)][i % 5];
        words[filled++] = ((signExponent << 23) | upper | lower) >>> 0;
        if (filled === COUNT) {
          check(name, filled);
          checked += filled;
          filled = 0;
        }
      }
    }
    check(name, filled);
    assert.is(checked + filled, 512 * 20480);
  });

  test(`${name}: every value of the format, every tie between two, and one bit to each side`, () => {
    for (const offset of [-1, 0, 1, tie - 1, tie, tie + 1]) {
      for (let half = 0; half < COUNT; half++) {
        reals[half] = valueOfHalf(half, name);
        if (Number.isFinite(reals[half])) words[half] += offset;
      }
      check(name, COUNT);
    }
  });

  test(`${name}: short runs use the scalar form and have the same bits`, () => {
    const next = xorshift32(0xdecade01);
    for (let round = 0; round < 2000; round++) {
      for (let i = 0; i < 16; i++) {
        const u = next();
        const edge = (u & ~(2 * tie - 1)) | [tie, tie - 1, tie + 1][u % 3];
        words[i] = [u, edge, edge, SPECIAL_WORDS[u % SPECIAL_WORDS.length]][(u >>> 2) % 4];
      }
      check(name, round % 17);
    }
  });

  test(`${name}: all 65,536 patterns widen to their exact value`, () => {
    for (const count of [COUNT, 7]) {
      for (let start = 0; start + count <= COUNT; start += count) {
        for (let i = 0; i < count; i++) halves[i] = start + i;
        if (name === "float16") kernel.widenFloat16(TO, FROM, count);
        else kernel.widenBfloat16(TO, FROM, count);
        for (let i = 0; i < count; i++) {
          const expected = valueOfHalf(start + i, name);
          if (!Object.is(reals[i], expected)) {
            assert.unreachable(
              `0x${(start + i).toString(16)}: expected ${expected}, got ${reals[i]}`,
            );
          }
        }
      }
    }
  });

  test(`${name}: narrowing what was widened gives the same bits`, () => {
    for (let i = 0; i < COUNT; i++) halves[i] = i;
    const before = halves.slice();
    if (name === "float16") kernel.widenFloat16(TO, FROM, COUNT);
    else kernel.widenBfloat16(TO, FROM, COUNT);
    narrow(name, COUNT);
    const at = halves.findIndex((half, i) => half !== before[i] && !isHalfNaN(before[i], name));
    assert.is(at, -1, `0x${at.toString(16)} came back as 0x${halves[at]?.toString(16)}`);
  });
}

test.run();
