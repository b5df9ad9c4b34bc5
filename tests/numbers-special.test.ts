import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cosPi, exp, log, pow } from "../src/numbers/index.ts";
import { xorshift32 } from "./reference/random.ts";

// Results that are fixed to the last bit: special values, thresholds, exact powers, symmetries.

const test = suite("numbers, special values");

const MAX = 1.7976931348623157e308;
const EPSILON = 2 ** -52;

/** Object.is, because uvu's assertions take -0 for 0. */
function assertSame(got: number, expected: number, call: string): void {
  assert.ok(Object.is(got, expected), `${call}: expected ${expected}, got ${got}`);
}

type Case = readonly [argument: number, result: number, why: string];

function testCases(name: string, call: (x: number) => number, cases: readonly Case[]): void {
  for (const [x, expected, why] of cases) {
    test(`${name}(${Object.is(x, -0) ? "-0" : x}): ${why}`, () => {
      assertSame(call(x), expected, `${name}(${x})`);
    });
  }
}

testCases("exp", exp, [
  [NaN, NaN, "not a number"],
  [Infinity, Infinity, "infinite"],
  [-Infinity, 0, "+0"],
  [0, 1, "exact"],
  [-0, 1, "exact"],
  [5e-324, 1, "rounds to 1"],
  [-5e-324, 1, "rounds to 1"],
  [2 ** -53, 1, "less than half the last place above 1 rounds to 1"],
  [2 ** -52, 1 + EPSILON, "one last place above 1"],
  [-(2 ** -53), 1 - 2 ** -53, "one last place below 1"],
  [-(2 ** -54) * 1.01, 1 - 2 ** -53, "more than half a last place below 1"],
  [-(2 ** -54), 1, "less than half a last place below 1"],
  [709.782712893384, 1.7976931348622732e308, "the last argument with a finite result"],
  [709.7827128933841, Infinity, "the first that overflows"],
  [MAX, Infinity, "overflow"],
  [-745.1332191019411, 5e-324, "the last argument with a result above 0"],
  [-745.1332191019412, 0, "the first that underflows"],
  [-745.2, 0, "underflow"],
  [-MAX, 0, "underflow"],
  [-744.4400719213812, 5e-324, "the smallest subnormal"],
  [-708.3964185322641, 2.2250738585072626e-308, "next to the smallest normal number"],
]);

testCases("log", log, [
  [NaN, NaN, "not a number"],
  [Infinity, Infinity, "infinite"],
  [-Infinity, NaN, "negative"],
  [-1, NaN, "negative"],
  [-5e-324, NaN, "negative"],
  [0, -Infinity, "a pole"],
  [-0, -Infinity, "a pole"],
  [1, 0, "exact, +0"],
  [1 + EPSILON, EPSILON * (1 - 2 ** -53), "less half its square, one last place"],
  [1 - 2 ** -53, -(2 ** -53), "and half its square, which is rounded away"],
  [5e-324, -744.4400719213812, "the smallest subnormal"],
  [2.2250738585072014e-308, -708.3964185322641, "the smallest normal number"],
  [MAX, 709.782712893384, "the largest number"],
  [2, Math.LN2, "ln 2"],
  [0.5, -Math.LN2, "-ln 2"],
]);

testCases("cosPi", cosPi, [
  [NaN, NaN, "not a number"],
  [Infinity, NaN, "no limit"],
  [-Infinity, NaN, "no limit"],
  [0, 1, "exact"],
  [-0, 1, "exact"],
  [5e-324, 1, "rounds to 1"],
  [0.25, Math.SQRT1_2, "sqrt(1/2)"],
  [0.75, -Math.SQRT1_2, "-sqrt(1/2)"],
  [0.5 - 2 ** -54, Math.PI * 2 ** -54, "pi 2^-54"],
  [4503599627370495.5, 0, "the largest half"],
  [4503599627370497, -1, "odd"],
  [9007199254740991, -1, "the largest odd number"],
  [9007199254740992, 1, "even"],
  [MAX, 1, "even"],
]);

test("cosPi is exact at every multiple of 1/2, with +0 for its zeros", () => {
  const cycle = [1, 0, -1, 0];
  for (let n = 0; n < 20000; n++) {
    const expected = cycle[n % 4] as number;
    assertSame(cosPi(n / 2), expected, `cosPi(${n / 2})`);
    assertSame(cosPi(-n / 2), expected, `cosPi(${-n / 2})`);
    const far = 2 ** 50 + n / 2;
    assertSame(cosPi(far), expected, `cosPi(${far})`);
  }
});

test("cosPi is even, repeats at 2 and changes its sign at 1, to the bit", () => {
  for (let n = 1; n < 20000; n++) {
    const x = n / 8192;
    const value = cosPi(x);
    assertSame(cosPi(-x), value, `cosPi(${-x})`);
    assertSame(cosPi(x + 2), value, `cosPi(${x + 2})`);
    assertSame(cosPi(x + 1), 0 - value, `cosPi(${x + 1})`);
    assert.ok(Math.abs(value) <= 1);
  }
});

// ECMAScript fixes Math.pow to the bit where these meet, so that the engine is a fair witness here.
const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1, -1];
const INTEGERS = [
  2,
  -2,
  3,
  -3,
  2 ** 53 - 1,
  -(2 ** 53) + 1,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 70,
  MAX,
  -MAX,
];
const FRACTIONS = [0.5, -0.5, 1.5, -1.5, 5e-324, -5e-324, 2 ** 52 - 0.5];

test("pow of special bases and of special exponents is Math.pow's", () => {
  const ordinary = [...INTEGERS, ...FRACTIONS];
  const check = (base: number, exponent: number) =>
    assertSame(pow(base, exponent), base ** exponent, `pow(${base}, ${exponent})`);
  for (const base of SPECIAL)
    for (const exponent of [...SPECIAL, ...ordinary]) check(base, exponent);
  for (const base of ordinary)
    for (const exponent of [NaN, Infinity, -Infinity, 0, -0, 1]) check(base, exponent);
  for (const base of ordinary)
    if (base < 0) for (const exponent of FRACTIONS) check(base, exponent);
});

test("pow(1, NaN) and pow(-1, Infinity) are NaN and pow(NaN, 0) is 1, as in ECMAScript", () => {
  assertSame(pow(1, NaN), NaN, "pow(1, NaN)");
  assertSame(pow(-1, Infinity), NaN, "pow(-1, Infinity)");
  assertSame(pow(1, -Infinity), NaN, "pow(1, -Infinity)");
  assertSame(pow(NaN, 0), 1, "pow(NaN, 0)");
});

test("pow of -0 and -Infinity keeps their sign for odd exponents only", () => {
  assertSame(pow(-0, 3), -0, "pow(-0, 3)");
  assertSame(pow(-0, -3), -Infinity, "pow(-0, -3)");
  assertSame(pow(-0, 4), 0, "pow(-0, 4)");
  assertSame(pow(-0, 0.5), 0, "pow(-0, 0.5)");
  assertSame(pow(-Infinity, -3), -0, "pow(-Infinity, -3)");
  assertSame(pow(-Infinity, 2 ** 53), Infinity, "pow(-Infinity, 2^53)");
});

test("pow takes the sign of a negative base from the parity of the exponent", () => {
  for (let n = -40; n <= 40; n++) {
    const value = pow(2.3, n);
    assertSame(pow(-2.3, n), n % 2 === 0 ? value : -value, `pow(-2.3, ${n})`);
  }
});

test("pow is exact where the power is a float64", () => {
  for (let base = 2; base <= 100; base++) {
    for (let n = 1, power = BigInt(base); power < 2n ** 53n; n++, power *= BigInt(base)) {
      assertSame(pow(base, n), Number(power), `pow(${base}, ${n})`);
    }
  }
});

test("pow(2, k) is exact from the smallest subnormal to the largest power, and beyond", () => {
  let power = 5e-324;
  for (let k = -1074; k <= 1023; k++, power *= 2) {
    assertSame(pow(2, k), power, `pow(2, ${k})`);
    assertSame(pow(0.5, -k), power, `pow(0.5, ${-k})`);
  }
  assertSame(pow(2, 1024), Infinity, "pow(2, 1024)");
  assertSame(pow(2, -1075), 0, "pow(2, -1075), a tie that goes to even");
  assertSame(pow(2, -1074.9), 5e-324, "pow(2, -1074.9)");
  assertSame(pow(-2, 1025), -Infinity, "pow(-2, 1025)");
  assertSame(pow(-2, -1077), -0, "pow(-2, -1077)");
});

test("pow(x, 1) is x and pow(x x, 1/2) is |x| for 26-bit x", () => {
  const draw = xorshift32(0x2545f491);
  for (let i = 0; i < 20000; i++) {
    const x = (draw() + 1) * 2 ** ((draw() % 2040) - 1056);
    assertSame(pow(x, 1), x, `pow(${x}, 1)`);
    const root = draw() >>> 6;
    assertSame(pow(root * root, 0.5), root, `pow(${root * root}, 0.5)`);
  }
});

test("pow of exponents from 2^64 up is decided by the side of 1", () => {
  for (const exponent of [2 ** 64, 1e300]) {
    assertSame(pow(1 + EPSILON, exponent), Infinity, "above 1");
    assertSame(pow(1 - 2 ** -53, exponent), 0, "below 1");
    assertSame(pow(1 - 2 ** -53, -exponent), Infinity, "below 1, reciprocal");
    assertSame(pow(1, exponent), 1, "1");
    assertSame(pow(-1, exponent), 1, "-1, even");
  }
});

test.run();
