import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ipow } from "../src/numbers/index.ts";
import { stepScalars } from "../src/optimizers/scalars.ts";
import * as big from "./reference/big-math.ts";

// What a step uses of beta^t, rounded to float32, against exact arithmetic on integers.

const test = suite("bias corrections");

const LR = 0.25;
const EPS = 2 ** -27;
/** Far enough for every beta below: later ones are 1. */
const FAR = [2 ** 24 - 1, 2 ** 24, 2 ** 24 + 1, 2 ** 31 - 1];

const scalars = {} as ReturnType<typeof stepScalars>;

function scalarsAt(t: number, beta1: number, beta2: number) {
  const rates = { lr: LR, lrScale: 1, initialLr: LR, weightDecay: 0, gradScale: 1, eps: EPS };
  return stepScalars({ ...rates, beta1, beta2, t }, scalars);
}

const SQUARE_ROOT_SHIFT = big.FRACTION / 2n;

/** The integer square root: the root of a Fixed has half of its fraction. */
function root(value: bigint): bigint {
  if (value < 2n) return value;
  let x = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const y = (x + value / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

/** Distance of a float32 from an exact value, in units of its last place. */
function ulps(got: number, exact: big.Fixed): number {
  const rounded = Math.fround(got);
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(rounded))), -126);
  const difference = big.toFixed(big.fromFloat(rounded)) - exact;
  const unit = big.toFixed(big.fromFloat(2 ** (exponent - 23)));
  return Number(((difference < 0n ? -difference : difference) * 1_000_000n) / unit) / 1e6;
}

function check(
  t: number,
  [beta1, beta2]: readonly [number, number],
  power1: bigint,
  power2: bigint,
) {
  const { stepSize, epsHat } = scalarsAt(t, beta1, beta2);
  const root2 = root(big.ONE - power2) << SQUARE_ROOT_SHIFT;
  const lr = big.toFixed(big.fromFloat(LR));
  const exactStep = (((lr * root2) >> big.FRACTION) << big.FRACTION) / (big.ONE - power1);
  const exactEps = (big.toFixed(big.fromFloat(EPS)) * root2) >> big.FRACTION;
  for (const [what, got, exact] of [
    ["stepSize", stepSize, exactStep],
    ["epsHat", epsHat, exactEps],
  ] as const) {
    const off = ulps(got, exact);
    if (off > 1) assert.unreachable(`${what}, beta ${beta1} ${beta2}, t ${t}: ${off} ulp`);
  }
}

const BETAS = [
  [0.9, 0.999],
  [0.9, 0.95],
  [0.99, 0.9999],
] as const;

for (const betas of BETAS) {
  test(`within 1 ulp of float32 for t from 1 to 100,000, betas ${betas.join(" and ")}`, () => {
    const [one, two] = betas.map((beta) => big.toFixed(big.fromFloat(beta)));
    let [power1, power2] = [big.ONE, big.ONE];
    for (let t = 1; t <= 100_000; t++) {
      power1 = (power1 * one) >> big.FRACTION;
      power2 = (power2 * two) >> big.FRACTION;
      // Each t at the start, where they change most; later every seventh.
      if (t <= 10_000 || t % 7 === 0 || t === 100_000) check(t, betas, power1, power2);
    }
  });
}

test("within 1 ulp of float32 around 2^24 and at 2^31 - 1, also for betas that are not 1 by then", () => {
  for (const betas of [...BETAS, [1 - 2 ** -20, 1 - 2 ** -24], [1 - 1e-8, 1 - 2 ** -31]] as const) {
    for (const t of FAR) {
      const [power1, power2] = betas.map((beta) => fixedPower(beta, t));
      check(t, betas, power1, power2);
    }
  }
});

/** beta^t by squaring, off by some hundred units of 2^-256. */
function fixedPower(beta: number, t: number): big.Fixed {
  let result = big.ONE;
  let square = big.toFixed(big.fromFloat(beta));
  for (let rest = BigInt(t); rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) >> big.FRACTION;
    square = (square * square) >> big.FRACTION;
  }
  return result;
}

test("those of the parameter before are not taken for other betas, or for another t", () => {
  for (const [t, beta1, beta2] of [
    [3, 0.9, 0.999],
    [3, 0.8, 0.999],
    [3, 0.8, 0.99],
    [4, 0.8, 0.99],
    [4, 0.8, 0.999],
    [3, 0.9, 0.999],
  ]) {
    const { stepSize, epsHat } = scalarsAt(t, beta1, beta2);
    const root2 = Math.sqrt(1 - ipow(beta2, t));
    assert.is(stepSize, (LR * root2) / (1 - ipow(beta1, t)));
    assert.is(epsHat, EPS * root2);
  }
});

test.run();
