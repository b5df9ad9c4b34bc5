import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ipow } from "../src/numbers/index.ts";
import * as big from "./reference/big-math.ts";

const test = suite("ipow");

const BETAS = [0.9, 0.95, 0.999, 0.9999];
// Betas so near to 1 that something is left of them at the exponents around 2^24 and 2^31.
const NEAR_ONE = [1 - 2 ** -20, 1 - 1e-8, 1 - 2 ** -31, 1 + 2 ** -31, 1 - 2 ** -53];
const BOUNDARIES = [
  ...[2 ** 24 - 1, 2 ** 24, 2 ** 24 + 1, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1],
  ...[2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40 + 5, 2 ** 53 - 1],
];

/** The contract read aloud: the exponent's binary digits, the lowest first. */
function poweredFromLowBit(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (const digit of [...exponent.toString(2)].reverse()) {
    if (digit === "1") result *= square;
    square *= square;
  }
  return result;
}

function assertSame(got: number, expected: number, call: string): void {
  assert.ok(Object.is(got, expected), `${call}: expected ${expected}, got ${got}`);
}

test("small powers are exact", () => {
  for (let base = 2; base <= 30; base++) {
    for (let n = 0, power = 1n; power < 2n ** 53n; n++, power *= BigInt(base)) {
      assertSame(ipow(base, n), Number(power), `ipow(${base}, ${n})`);
      assertSame(ipow(-base, n), n % 2 ? -Number(power) : Number(power), `ipow(${-base}, ${n})`);
    }
  }
  for (let n = 0; n <= 1074; n++) assertSame(ipow(0.5, n), 2 ** -n, `ipow(0.5, ${n})`);
});

test("exponent 0 gives 1 for every base", () => {
  for (const base of [0, -0, 1, 5e-324, -3, Infinity, -Infinity, NaN]) {
    assertSame(ipow(base, 0), 1, `ipow(${base}, 0)`);
  }
});

test("exponent 1 gives the base", () => {
  for (const base of [0, -0, 0.9, 5e-324, 1.7976931348623157e308, -Infinity, NaN]) {
    assertSame(ipow(base, 1), base, `ipow(${base}, 1)`);
  }
});

test("zeros, infinities and NaN are those of repeated multiplication", () => {
  const cases: readonly (readonly [base: number, exponent: number, result: number])[] = [
    [-0, 3, -0],
    [-0, 4, 0],
    [-Infinity, 3, -Infinity],
    [-Infinity, 2, Infinity],
    [NaN, 5, NaN],
    [-1, 2 ** 53 - 1, -1],
    [-1, 2 ** 53 - 2, 1],
    [1, 2 ** 53 - 1, 1],
    [10, 309, Infinity],
    [-10, 309, -Infinity],
    [0.1, 400, 0],
    [2, 2 ** 32 + 1, Infinity],
  ];
  for (const [base, exponent, result] of cases) {
    assertSame(ipow(base, exponent), result, `ipow(${base}, ${exponent})`);
  }
});

test("the order of the multiplications is from the low bit up", () => {
  for (const base of [...BETAS, ...NEAR_ONE, -0.97]) {
    for (let n = 0; n <= 1100; n++) {
      assertSame(ipow(base, n), poweredFromLowBit(base, n), `ipow(${base}, ${n})`);
    }
    for (const n of BOUNDARIES) {
      assertSame(ipow(base, n), poweredFromLowBit(base, n), `ipow(${base}, ${n})`);
    }
  }
});

test("another order gives other bits, so that the contract is needed", () => {
  let differing = 0;
  for (let t = 1; t <= 1000; t++) {
    let fromHighBit = 1;
    for (const digit of t.toString(2)) {
      fromHighBit *= fromHighBit;
      if (digit === "1") fromHighBit *= 0.999;
    }
    if (fromHighBit !== ipow(0.999, t)) differing++;
  }
  assert.ok(differing > 100, `${differing} of 1000 powers differ`);
});

test("beta^t is within t - 1 roundings of the exact power, for t to 1000", () => {
  for (const beta of BETAS) {
    for (let t = 1; t <= 1000; t++) {
      const error = big.ulpError(ipow(beta, t), big.integerPower(beta, t));
      assert.ok(error <= t - 1, `ipow(${beta}, ${t}) is off by ${error} ulp`);
    }
  }
});

test("beta^t is within t - 1 roundings of the exact power, around 2^24, 2^31 and 2^32", () => {
  for (const beta of [...BETAS, ...NEAR_ONE]) {
    for (const t of BOUNDARIES.slice(0, 9)) {
      const error = big.ulpError(ipow(beta, t), big.integerPower(beta, t));
      assert.ok(error <= t - 1, `ipow(${beta}, ${t}) is off by ${error} ulp`);
    }
  }
});

test("an exponent that is not an integer from 0 to 2^53 - 1 is a RangeError that shows it", () => {
  for (const exponent of [-1, -0.5, 1.5, 2 ** 53, 1e300, Infinity, -Infinity, NaN]) {
    assert.throws(
      () => ipow(0.9, exponent),
      (error: unknown) =>
        error instanceof RangeError &&
        error.message.startsWith(
          '"exponent" of ipow: expected an integer from 0 to 2^53 - 1, got',
        ) &&
        error.message.includes(String(exponent)),
      `exponent ${exponent}`,
    );
  }
});

test("an exponent that is not a number is a TypeError", () => {
  for (const exponent of ["3", true, null, undefined, [2], {}]) {
    assert.throws(
      () => ipow(0.9, exponent as number),
      (error: unknown) =>
        error instanceof TypeError && error.message.startsWith('"exponent" of ipow: expected'),
    );
  }
});

test.run();
