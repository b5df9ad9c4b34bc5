import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cosPi, exp, log, pow } from "../src/numbers/index.ts";
import * as parts from "../src/numbers/parts.ts";
import * as big from "./reference/big-math.ts";
import { xorshift32 } from "./reference/random.ts";

// How far the functions are from the truth, which 256-bit fixed-point arithmetic gives. The limits
// are those of the docstrings, all below the 1 ulp that the package promises.

const test = suite("numbers");

const SEED = 0x9e3779b9;
const POINTS_PER_REGION = 4000;
const draw = xorshift32(SEED);

/** A multiple of 2^-53, from 0 up to 1. */
function unit(): number {
  return ((draw() >>> 5) * 67108864 + (draw() >>> 6)) / 9007199254740992;
}

function between(low: number, high: number): number {
  return low + (high - low) * unit();
}

function integerBetween(low: number, high: number): number {
  return low + Math.floor((high - low + 1) * unit());
}

/** A positive number, with its binary exponent spread evenly over low .. high. */
function ofExponent(low: number, high: number): number {
  return (1 + unit()) * 2 ** integerBetween(low, high);
}

function eitherSign(x: number): number {
  return draw() & 1024 ? x : -x;
}

/** A number at a distance of 2^-52 to 2^-4 from 1, on both sides. */
function nearOne(): number {
  return 1 + eitherSign(ofExponent(-52, -4));
}

type Call = (...args: number[]) => number;
type Truth = (...args: number[]) => big.Scaled;

interface Subject {
  readonly name: string;
  readonly call: Call;
  readonly truth: Truth;
  readonly limit: number;
  /** What is special about a region, and how to draw arguments there. */
  readonly regions: Readonly<Record<string, () => number[]>>;
}

function assertWithin(subject: Subject, args: readonly number[]): void {
  const got = subject.call(...args);
  const error = big.ulpError(got, subject.truth(...args));
  if (error <= subject.limit) return;
  assert.unreachable(`${subject.name}(${args}) is ${got}, off by ${error} ulp (seed ${SEED})`);
}

function withBaseFrom(base: () => number, low: number, high: number): () => number[] {
  return () => {
    const x = base();
    return [x, between(low, high) / Math.log(x)];
  };
}

const subjects: readonly Subject[] = [
  {
    name: "exp",
    call: exp as Call,
    truth: big.exp as Truth,
    limit: 0.65,
    regions: {
      "around 0": () => [between(-1, 1)],
      "all normal results": () => [between(-708.3, 709.78)],
      "subnormal results": () => [between(-745.14, -708.3)],
      "results next to overflow": () => [709.782712893384 - ofExponent(-42, -1)],
      "halfway between multiples of ln 2": () => [
        (integerBetween(-1021, 1022) + 0.5) * Math.LN2 * (1 + eitherSign(ofExponent(-52, -30))),
      ],
      "multiples of ln 2": () => [
        integerBetween(-1021, 1023) * Math.LN2 * (1 + eitherSign(ofExponent(-52, -30))),
      ],
      "tiny arguments": () => [eitherSign(ofExponent(-1074, -3))],
    },
  },
  {
    name: "log",
    call: log as Call,
    truth: big.log as Truth,
    limit: 0.6,
    regions: {
      "around 1": () => [between(0.5, 2)],
      "next to 1": () => [nearOne()],
      "at the powers of 2 times sqrt 2, where the reduction steps": () => [
        Math.SQRT2 * nearOne() * 2 ** integerBetween(-3, 3),
      ],
      "all numbers": () => [ofExponent(-1022, 1023)],
      "subnormal numbers": () => [ofExponent(-1074, -1023)],
    },
  },
  {
    name: "cosPi",
    call: cosPi as Call,
    truth: big.cosPi as Truth,
    limit: 0.7,
    regions: {
      "one turn": () => [between(-2, 2)],
      "next to 9/32, where the series change": () => [0.28125 + eitherSign(ofExponent(-54, -5))],
      "next to its zeros": () => [integerBetween(-4, 3) + 0.5 + eitherSign(ofExponent(-54, -3))],
      "next to 1 and -1": () => [integerBetween(-4, 3) + eitherSign(ofExponent(-53, -3))],
      "arguments of every size": () => [eitherSign(ofExponent(-1074, 53))],
      "arguments with few bits behind the point": () => [eitherSign(ofExponent(40, 52))],
    },
  },
  {
    name: "pow",
    call: pow as Call,
    truth: big.pow as Truth,
    limit: 0.7,
    regions: {
      "moderate arguments": () => [ofExponent(-10, 10), between(-10, 10)],
      "all results from all bases": withBaseFrom(() => ofExponent(-1022, 1023), -708, 709),
      "subnormal bases": withBaseFrom(() => ofExponent(-1074, -1023), -708, 709),
      "subnormal results": withBaseFrom(() => ofExponent(-1022, 1023), -744, -708),
      "bases next to 1, with huge exponents": withBaseFrom(nearOne, -708, 709),
      "square and cube roots": () => [ofExponent(-1074, 1023), draw() & 1024 ? 0.5 : 1 / 3],
      "tiny exponents": () => [ofExponent(-1074, 1023), eitherSign(ofExponent(-1074, -10))],
    },
  },
];

for (const subject of subjects) {
  for (const [region, args] of Object.entries(subject.regions)) {
    test(`${subject.name} is within ${subject.limit} ulp: ${region}`, () => {
      for (let i = 0; i < POINTS_PER_REGION; i++) assertWithin(subject, args());
    });
  }
}

test("exp is within its limit on both sides of every step of its reduction", () => {
  const subject = subjects[0] as Subject;
  for (let k = -1074; k <= 1023; k++) {
    const step = (k + 0.5) * Math.LN2;
    for (const x of [step * (1 - 2e-16), step, step * (1 + 4e-16)]) {
      if (x < 709.78) assertWithin(subject, [x]);
    }
  }
});

test("log is within its limit at every power of 2 but 1", () => {
  const subject = subjects[1] as Subject;
  for (let k = -1074; k <= 1023; k++) if (k !== 0) assertWithin(subject, [2 ** k]);
});

test("the constants in two parts are ln 2 and pi", () => {
  const highPart = (x: number) => big.toFixed(big.fromFloat(x));
  const rest = (whole: big.Fixed, high: number): big.Scaled => ({
    mantissa: whole - highPart(high),
    exponent: -Number(big.FRACTION),
  });
  const bitsAway = big.FRACTION - 42n;
  assert.is(highPart(parts.LN2_HIGH), (big.LN2 >> bitsAway) << bitsAway);
  assert.ok(big.ulpError(parts.LN2_LOW, rest(big.LN2, parts.LN2_HIGH)) <= 0.5);
  assert.ok(big.ulpError(parts.PI_HIGH, rest(big.PI, 0)) <= 0.5);
  assert.ok(big.ulpError(parts.PI_LOW, rest(big.PI, parts.PI_HIGH)) <= 0.5);
});

// The reference itself, against digits from tables and against identities that it does not use.

/** The first 50 digits behind the point. */
function digits(value: big.Fixed): string {
  const scaled = (value * 10n ** 50n) >> big.FRACTION;
  return `${scaled / 10n ** 50n}.${String(scaled % 10n ** 50n).padStart(50, "0")}`;
}

test("the reference has the digits of pi, ln 2, e and ln 10", () => {
  assert.is(digits(big.PI), "3.14159265358979323846264338327950288419716939937510");
  assert.is(digits(big.LN2), "0.69314718055994530941723212145817656807550013436025");
  assert.is(
    digits(big.toFixed(big.exp(1))),
    "2.71828182845904523536028747135266249775724709369995",
  );
  assert.is(digits(big.logToFixed(10)), "2.30258509299404568401799145468436420760110148862877");
});

test("the reference agrees with itself: roots squared, the angle doubled, log of exp", () => {
  const near = (a: big.Fixed, b: big.Fixed) => a - b < 1n << 30n && b - a < 1n << 30n;
  const squared = (a: big.Fixed) => (a * a) >> big.FRACTION;
  for (const x of [2, 3, 0.7, 1.0000001, 1e-9]) {
    const root = big.toFixed(big.pow(x, 0.5));
    assert.ok(near(squared(root), big.toFixed(big.fromFloat(x))), `sqrt ${x}`);
  }
  for (const x of [0.125, 0.3, 0.49, 0.51, 0.9, 1.3, 7.7]) {
    const doubled = 2n * squared(big.toFixed(big.cosPi(x))) - big.ONE;
    assert.ok(near(doubled, big.toFixed(big.cosPi(2 * x))), `cosPi ${x}`);
  }
});

test("ulpError counts units of the last place", () => {
  const eps = 2 ** -52;
  assert.is(big.ulpError(1, big.fromFloat(1 + 3 * eps)), 3);
  assert.is(big.ulpError(-1, big.fromFloat(1)), 2 ** 53);
  assert.is(big.ulpError(2, { mantissa: 2n ** 60n + 1n, exponent: -59 }), 2 ** -8);
  assert.is(big.ulpError(0, big.fromFloat(5e-324)), 1);
  assert.is(big.ulpError(5e-324, { mantissa: 1n, exponent: -1075 }), 0.5);
  assert.is(big.ulpError(NaN, big.fromFloat(1)), Infinity);
  assert.is(big.ulpError(Infinity, big.fromFloat(1.7976931348623157e308)), 1);
});

test.run();
