import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AshlarError, adamw, DecoupledAdamW } from "../src/index.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";

const test = suite("functional errors");

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the types forbid
type Wrong = any;

const f = (...values: number[]) => Float32Array.from(values);
/** The functional form with some arguments wrong; two parameters, of two and one elements. */
const STATE = () => [
  [f(1, 2), f(3)],
  [f(1, 2), f(3)],
  [f(0, 0), f(0)],
  [f(0, 0), f(0)],
  [],
  [1, 1],
];
/** forEach and map pass over the second one. */
const holed = () => {
  const list = [f(1, 2)];
  list.length = 2;
  return list;
};
const call = (changes: Record<number, Wrong>, options?: Wrong) => () => {
  const all: Wrong[] = [...STATE(), options];
  for (const [index, value] of Object.entries(changes)) all[Number(index)] = value;
  return adamw(...(all as Parameters<typeof adamw>));
};
const KEYWORDS = {
  amsgrad: false,
  beta1: 0.9,
  beta2: 0.95,
  lr: 0.1,
  initialLr: 0.1,
  weightDecay: 0,
  eps: 1e-8,
};
const keywords = (change: Wrong) => () => {
  const all: Wrong[] = [...STATE(), { ...KEYWORDS, ...change }];
  return DecoupledAdamW.adamw(...(all as Parameters<typeof DecoupledAdamW.adamw>));
};

const ROWS: RefusedRow[] = [
  [
    "params is no array",
    call({ 0: f(1) }),
    TypeError,
    '"params" of adamw: expected an array of Float32Array, got Float32Array of length 1',
  ],
  [
    "params holds a plain array",
    call({ 0: [[1, 2], f(3)] }),
    TypeError,
    '"params[0]" of adamw: expected a Float32Array, got [1, 2]',
  ],
  [
    "params has a hole",
    call({ 0: holed() }),
    TypeError,
    '"params[1]" of adamw: expected a Float32Array, got undefined',
  ],
  [
    "grads has a hole, which must not be met after the first tensor was updated",
    call({ 1: holed() }),
    TypeError,
    '"grads[1]" of adamw: expected a Float32Array, got undefined',
  ],
  [
    "fewer gradients than params",
    call({ 1: [f(1, 2)] }),
    RangeError,
    '"grads" of adamw: expected 2, one for each of params, got 1',
  ],
  [
    "a gradient is null",
    call({ 1: [f(1, 2), null] }),
    TypeError,
    '"grads[1]" of adamw: expected a Float32Array, got null',
  ],
  [
    "a gradient of another length",
    call({ 1: [f(1, 2), f(3, 4)] }),
    RangeError,
    '"grads[1]" of adamw: expected 1 elements, got 2',
  ],
  [
    "an expAvg is a Float64Array",
    call({ 2: [f(0, 0), new Float64Array(1)] }),
    TypeError,
    '"expAvgs[1]" of adamw: expected a Float32Array, got Float64Array of length 1',
  ],
  [
    "expAvgSqs is missing",
    call({ 3: undefined }),
    TypeError,
    '"expAvgSqs" of adamw: expected an array of Float32Array, got undefined',
  ],
  [
    "maxExpAvgSqs is null",
    call({ 4: null }),
    TypeError,
    '"maxExpAvgSqs" of adamw: expected an array; without amsgrad it may be empty, got null',
  ],
  [
    "amsgrad without maxima",
    call({}, { amsgrad: true }),
    RangeError,
    '"maxExpAvgSqs" of adamw: expected 2, one for each of params, got 0',
  ],
  [
    "stateSteps is a number",
    call({ 5: 1 }),
    TypeError,
    '"stateSteps" of adamw: expected an array of numbers, got 1',
  ],
  [
    "too few stateSteps",
    call({ 5: [1] }),
    RangeError,
    '"stateSteps" of adamw: expected 2, one for each of params, got 1',
  ],
  [
    "a step of 0: not incremented",
    call({ 5: [1, 0] }),
    RangeError,
    '"stateSteps[1]" of adamw: expected a whole number from 1 to 9007199254740991, got 0',
  ],
  [
    "a step is a fraction",
    call({ 5: [1.5, 1] }),
    RangeError,
    '"stateSteps[0]" of adamw: expected a whole number from 1 to 9007199254740991, got 1.5',
  ],
  [
    "a step is a string",
    call({ 5: ["1", 1] }),
    TypeError,
    '"stateSteps[0]" of adamw: expected a whole number from 1 to 9007199254740991, got "1"',
  ],
  [
    "a gradient is NaN",
    call({ 1: [f(1, 2), f(Number.NaN)] }),
    AshlarError,
    '"grads[1][0]" of adamw: expected a finite number of at most 2^63, got NaN. Nothing was changed',
  ],
  [
    "a gradient is infinite",
    call({ 1: [f(1, Number.NEGATIVE_INFINITY), f(3)] }),
    AshlarError,
    '"grads[0][1]" of adamw: expected a finite number of at most 2^63, got -Infinity. Nothing was changed',
  ],
  [
    "a gradient whose square overflows",
    call({ 1: [f(1, 2), f(2 ** 64)] }),
    AshlarError,
    '"grads[1][0]" of adamw: expected a finite number of at most 2^63, got 18446744073709552000. Nothing was changed',
  ],
  [
    "an unknown option",
    call({}, { betas: [0.9, 0.99] }),
    TypeError,
    '"betas" of adamw: expected one of lr, weightDecay, beta1, beta2, eps, amsgrad, maximize, got an unknown key',
  ],
  [
    "a beta out of range",
    call({}, { beta1: 1 }),
    RangeError,
    '"beta1" of adamw: expected a number in [0, 1), got 1',
  ],
  [
    "eps too small for beta2",
    call({}, { eps: 0, beta2: 0.5 }),
    RangeError,
    '"eps" of adamw: expected at least 1.6624000534258358e-38 with beta2 0.5, got 0',
  ],
  [
    "maximize is 1",
    call({}, { maximize: 1 }),
    TypeError,
    '"maximize" of adamw: expected true or false, got 1',
  ],
  [
    "lr beyond float32",
    call({}, { lr: 1e40 }),
    RangeError,
    '"lr, weightDecay and eps" of parameter "params[0]" at step 0: expected products that are finite as float32, got decay 1e+38, step size 3.1622776601683816e+39, eps 3.1622776601683806e-10',
  ],
  [
    "a keyword argument missing",
    keywords({ lr: undefined }),
    TypeError,
    '"lr" of DecoupledAdamW.adamw: expected a finite number >= 0, got undefined',
  ],
  [
    "amsgrad missing",
    keywords({ amsgrad: undefined }),
    TypeError,
    '"amsgrad" of DecoupledAdamW.adamw: expected true or false, got undefined',
  ],
  [
    "initialLr missing",
    keywords({ initialLr: undefined }),
    TypeError,
    '"initialLr" of DecoupledAdamW.adamw: expected a finite number >= 0, got undefined',
  ],
  [
    "beta2 missing",
    keywords({ beta2: undefined }),
    TypeError,
    '"beta2" of DecoupledAdamW.adamw: expected a number in [0, 1), got undefined',
  ],
  [
    "initialLr negative",
    keywords({ initialLr: -1 }),
    RangeError,
    '"initialLr" of DecoupledAdamW.adamw: expected a finite number >= 0, got -1',
  ],
  [
    "an unknown keyword",
    keywords({ maximize: true }),
    TypeError,
    '"maximize" of DecoupledAdamW.adamw: expected one of amsgrad, beta1, beta2, lr, initialLr, weightDecay, eps, got an unknown key',
  ],
];

for (const [why, act, kind, message] of ROWS) {
  test(`refused: ${why}`, () => assertRefused(act, kind, message));
}

test("a refused call of the functional form changes nothing", () => {
  const state = STATE() as Float32Array[][];
  const [params, , expAvgs, expAvgSqs] = state;
  const grads = [f(1, 2), f(Number.NaN)];
  assert.throws(() => adamw(params, grads, expAvgs, expAvgSqs, [], [1, 1]), /^"grads\[1\]\[0\]"/);
  assert.throws(
    () => adamw(params, [f(1, 2), f(3)], expAvgs, expAvgSqs, [], [1, 1], { lr: 1e40 }),
    /^"lr, weightDecay and eps"/,
  );
  assert.equal([params, expAvgs, expAvgSqs], [STATE()[0], STATE()[2], STATE()[3]]);
});

test.run();
