import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  bfloat16Of,
  float16Of,
  oddWordOfDouble,
  wordOfBfloat16,
  wordOfDouble,
  wordOfFloat16,
} from "../src/bin/convert/float-bits.ts";
import { instantiate } from "../src/core/kernel.ts";
import { xorshift32 } from "./reference/random.ts";
import { type HalfName, isHalfNaN, roundHalf, valueOfHalf } from "./reference/round-half.ts";

const test = suite("bin: float bits");

const COUNT = 65_536;
const FROM = 65_536;
const TO = FROM + COUNT * 4;
const memory = new WebAssembly.Memory({ initial: 8 });
const kernel = instantiate(memory);
const words = new Uint32Array(memory.buffer, FROM, COUNT);
const reals = new Float32Array(memory.buffer, FROM, COUNT);
const halves = new Uint16Array(memory.buffer, TO, COUNT);

const narrowHere = { float16: float16Of, bfloat16: bfloat16Of };
const widenHere = { float16: wordOfFloat16, bfloat16: wordOfBfloat16 };
const hex = (bits: number) => `0x${(bits >>> 0).toString(16)}`;

/** Compares all of `words`, narrowed here, with the core and with plain arithmetic. */
function compare(name: HalfName): void {
  if (name === "float16") kernel.narrowFloat16(FROM, TO, COUNT);
  else kernel.narrowBfloat16(FROM, TO, COUNT);
  for (let i = 0; i < COUNT; i++) {
    const here = narrowHere[name](words[i]);
    const noNumber = Number.isNaN(reals[i]);
    // Arithmetic has no NaN bits; the core's are compared, as both are bits.
    const plain = noNumber ? isHalfNaN(here, name) : here === roundHalf(reals[i], name);
    const core = here === halves[i] || (noNumber && isHalfNaN(halves[i], name));
    if (plain && core) continue;
    assert.unreachable(`${name} of ${hex(words[i])}: got ${hex(here)}, the core ${hex(halves[i])}`);
  }
}

for (const name of ["float16", "bfloat16"] as const) {
  const tie = name === "float16" ? 1 << 12 : 1 << 15;

  test(`${name}: every value of the format, every tie between two, and one bit to each side`, () => {
    for (const offset of [-1, 0, 1, tie - 1, tie, tie + 1]) {
      for (let half = 0; half < COUNT; half++) {
        reals[half] = valueOfHalf(half, name);
        if (Number.isFinite(reals[half])) words[half] += offset;
      }
      compare(name);
    }
  });

  test(`${name}: ties between subnormals of the format, and what lies beside them`, () => {
    const spacing = name === "float16" ? 2 ** -24 : 2 ** -133;
    for (const offset of [-1, 0, 1]) {
      for (let i = 0; i < COUNT; i++) {
        reals[i] = ((i % 4096) + 0.5) * spacing * (i & 4096 ? -1 : 1);
        words[i] += offset;
      }
      compare(name);
    }
  });

  test(`${name}: any patterns`, () => {
    const next = xorshift32(0x1234abcd);
    for (let round = 0; round < 16; round++) {
      for (let i = 0; i < COUNT; i++) words[i] = next();
      compare(name);
    }
  });

  test(`${name}: all 65,536 patterns widen to their exact value, and come back`, () => {
    const word = new Uint32Array(1);
    const real = new Float32Array(word.buffer);
    for (let half = 0; half < COUNT; half++) {
      word[0] = widenHere[name](half);
      const expected = valueOfHalf(half, name);
      if (!Object.is(real[0], expected)) assert.unreachable(`${hex(half)}: got ${real[0]}`);
      const back = narrowHere[name](word[0]);
      const same = Number.isNaN(expected) ? isHalfNaN(back, name) : back === half;
      if (!same) assert.unreachable(`${hex(half)} came back as ${hex(back)}`);
    }
  });
}

test("float64 to 16 bits by way of odd is one rounding", () => {
  const next = xorshift32(0x0dd0dd01);
  const wide = new Float64Array(1);
  for (const name of ["float16", "bfloat16"] as const) {
    const values: number[] = [0, -0, 1e-310, -1e-310, 5e-324, 1e308, -1e308, 65_520, 65_519.999999];
    for (let i = 0; i < 20_000; i++) {
      // About a tie of the format, off by what float32 cannot tell.
      const half = next() & 0xffff;
      const [a, b] = [valueOfHalf(half, name), valueOfHalf(half + 1, name)];
      if (!Number.isFinite(a) || !Number.isFinite(b) || half === 0x7fff) continue;
      const middle = (a + b) / 2;
      values.push(middle, middle * (1 + 2 ** -40), middle * (1 - 2 ** -40), (3 * a + b) / 4);
    }
    for (const value of values) {
      const here = narrowHere[name](oddWordOfDouble(value));
      wide[0] = value;
      assert.is(here, roundDouble(value, name), `${name} of ${value}`);
    }
  }
  assert.ok(isHalfNaN(float16Of(oddWordOfDouble(Number.NaN)), "float16"));
});

/** The nearest value of the format, by looking at its neighbours: ties to the even one. */
function roundDouble(value: number, name: HalfName): number {
  const infinity = name === "float16" ? 0x7c00 : 0x7f80;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  let low = 0;
  let high = infinity;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (valueOfHalf(middle, name) <= magnitude) low = middle;
    else high = middle;
  }
  // Beyond the last value the spacing goes on as if there were one more.
  const below = valueOfHalf(low, name);
  const above =
    high === infinity ? 2 * below - valueOfHalf(low - 1, name) : valueOfHalf(high, name);
  const [down, up] = [magnitude - below, above - magnitude];
  const isUp = up < down || (up === down && low % 2 === 1);
  return sign | (isUp ? high : low);
}

test("float64 to float32 is what every engine does, and a NaN keeps its sign", () => {
  const word = new Uint32Array(1);
  const real = new Float32Array(word.buffer);
  for (const value of [
    0,
    -0,
    1 / 3,
    1e-46,
    7e-46,
    3.5e38,
    -1e300,
    3.4028235677973366e38,
    2 ** 128,
  ]) {
    real[0] = value;
    assert.is(wordOfDouble(value), word[0], String(value));
  }
  assert.is(wordOfDouble(Number.NEGATIVE_INFINITY), 0xff800000);
  assert.is(wordOfDouble(Number.NaN) & 0x7fffffff, 0x7fc00000);
});

test.run();
