import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MindFormersAdamW } from "../src/index.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";

const test = suite("MindFormersAdamW errors");

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the types forbid
type Wrong = any;

const w = () => ({ w: new Float32Array(4) });
const a = { params: { a: new Float32Array(2) } };
const b = { params: { b: new Float32Array(2) }, name: "b" };
const withParams = (params: Wrong, options?: Wrong) => () => new MindFormersAdamW(params, options);
const withOptions = (options: Wrong) => withParams(w(), options);
function* endless() {
  for (;;) yield 0.1;
}

const ROWS: RefusedRow[] = [
  [
    "options is a number",
    withOptions(1),
    TypeError,
    '"options" of MindFormersAdamW: expected an object of options, got 1',
  ],
  [
    "learningRate is a string",
    withOptions({ learningRate: "0.1" }),
    RangeError,
    '"learningRate" of the options: expected a number, numbers to iterate over, or a schedule, got "0.1"',
  ],
  [
    "learningRate is true",
    withOptions({ learningRate: true }),
    TypeError,
    '"learningRate" of the options: expected a number, numbers to iterate over, or a schedule, got true',
  ],
  [
    "learningRate is null",
    withOptions({ learningRate: null }),
    TypeError,
    '"learningRate" of the options: expected a number, numbers to iterate over, or a schedule, got null',
  ],
  [
    "learningRate is a record",
    withOptions({ learningRate: { lr: 0.1 } }),
    TypeError,
    '"learningRate" of the options: expected a number, numbers to iterate over, or a schedule, got an object',
  ],
  [
    "learningRate is negative",
    withOptions({ learningRate: -0.1 }),
    RangeError,
    '"learningRate" of the options: expected a finite number >= 0, or a schedule (k) => number, got -0.1',
  ],
  [
    "learningRate is NaN",
    withOptions({ learningRate: Number.NaN }),
    RangeError,
    '"learningRate" of the options: expected a finite number >= 0, or a schedule (k) => number, got NaN',
  ],
  [
    "an empty vector",
    withOptions({ learningRate: [] }),
    RangeError,
    '"learningRate" of the options: expected at least one value, got []',
  ],
  [
    "a vector with two dimensions",
    withOptions({
      learningRate: [
        [0.1, 0.2],
        [0.3, 0.4],
      ],
    }),
    RangeError,
    '"learningRate[0]" of the options: expected a finite number >= 0, as a vector has one dimension, got [0.1, 0.2]',
  ],
  [
    "a vector with a string",
    withOptions({ learningRate: [0.1, "0.2"] }),
    TypeError,
    '"learningRate[1]" of the options: expected a finite number >= 0, got "0.2"',
  ],
  [
    "a vector with a negative value",
    withOptions({ learningRate: [0.1, -0.2] }),
    RangeError,
    '"learningRate[1]" of the options: expected a finite number >= 0, got -0.2',
  ],
  [
    "a vector without an end",
    withOptions({ learningRate: endless() }),
    RangeError,
    '"learningRate" of the options: expected at most 10000000 values, got more',
  ],
  [
    "vectors of two lengths",
    withParams([
      { ...a, lr: [0.1, 0.2, 0.3] },
      { ...b, lr: [0.1, 0.2] },
    ]),
    RangeError,
    '"lr" of group "b": expected 3 values, as "lr" of group 0 has, got 2',
  ],
  [
    "a vector of another length than the default's",
    withParams([{ ...a, lr: [0.1, 0.2, 0.3] }, b], { learningRate: [0.1, 0.2] }),
    RangeError,
    '"lr" of group 0: expected 2 values, as "learningRate" of the options has, got 3',
  ],
  [
    "betas is a number",
    withOptions({ betas: 0.9 }),
    TypeError,
    '"betas" of the options: expected an array of two numbers, got 0.9',
  ],
  [
    "betas is a string",
    withOptions({ betas: "0.9" }),
    TypeError,
    '"betas" of the options: expected an array of two numbers, got "0.9"',
  ],
  [
    "three betas",
    withOptions({ betas: [0.9, 0.99, 0.999] }),
    RangeError,
    '"betas" of the options: expected two numbers, got 3 of them',
  ],
  [
    "a beta is a string",
    withOptions({ betas: [0.9, "0.999"] }),
    TypeError,
    '"betas[1]" of the options: expected a number in (0, 1), got "0.999"',
  ],
  [
    "beta 0",
    withOptions({ betas: [0, 0.999] }),
    RangeError,
    '"betas[0]" of the options: expected a number in (0, 1), got 0',
  ],
  [
    "beta 1",
    withOptions({ betas: [0.9, 1] }),
    RangeError,
    '"betas[1]" of the options: expected a number in (0, 1), got 1',
  ],
  [
    "beta -0",
    withOptions({ betas: [0.9, -0] }),
    RangeError,
    '"betas[1]" of the options: expected a number in (0, 1), got -0',
  ],
  [
    "beta above 1, fused",
    withOptions({ betas: [1.5, 0.999], useFused: true }),
    RangeError,
    '"betas[0]" of the options: expected a number in [0, 1), got 1.5',
  ],
  [
    "eps is a string",
    withOptions({ eps: "1e-8" }),
    TypeError,
    '"eps" of the options: expected a finite number > 0, got "1e-8"',
  ],
  [
    "eps is 0",
    withOptions({ eps: 0 }),
    RangeError,
    '"eps" of the options: expected a finite number > 0, got 0',
  ],
  [
    "eps is negative",
    withOptions({ eps: -1e-8 }),
    RangeError,
    '"eps" of the options: expected a finite number > 0, got -1e-8',
  ],
  [
    "eps is too small",
    withOptions({ eps: 1e-40 }),
    RangeError,
    '"eps" of the options: expected at least 3.71723952525945e-37 with betas[1] 0.999, got 1e-40',
  ],
  [
    "weightDecay is a string",
    withOptions({ weightDecay: "0" }),
    TypeError,
    '"weightDecay" of the options: expected a number, numbers to iterate over, or a schedule, got "0"',
  ],
  [
    "weightDecay is negative",
    withOptions({ weightDecay: -0.1 }),
    RangeError,
    '"weightDecay" of the options: expected a finite number >= 0, or a schedule (k) => number, got -0.1',
  ],
  [
    "weightDecay is a vector with a negative value",
    withOptions({ weightDecay: [0.1, -0.2] }),
    RangeError,
    '"weightDecay[1]" of the options: expected a finite number >= 0, got -0.2',
  ],
  [
    "a vector of weight decays of another length than the learning rates",
    withOptions({ learningRate: [0.1, 0.2, 0.3], weightDecay: [0.1, 0.2] }),
    RangeError,
    '"weightDecay" of the options: expected 3 values, as "learningRate" of the options has, got 2',
  ],
  [
    "a group's vector of weight decays of another length",
    withParams([{ ...a, weightDecay: [0.1, 0.2] }, b], { learningRate: [0.1, 0.2, 0.3] }),
    RangeError,
    '"weightDecay" of group 0: expected 3 values, as "learningRate" of the options has, got 2',
  ],
  [
    "amsgrad without useFused",
    withOptions({ amsgrad: true }),
    RangeError,
    '"amsgrad" of the options: expected false where useFused is false, got true. Set useFused: true',
  ],
  [
    "maximize without useFused",
    withOptions({ maximize: true }),
    RangeError,
    '"maximize" of the options: expected false where useFused is false, got true. Set useFused: true',
  ],
  [
    "useFused is 1",
    withOptions({ useFused: 1 }),
    TypeError,
    '"useFused" of the options: expected true or false, got 1',
  ],
  [
    "amsgrad is a string",
    withOptions({ amsgrad: "yes", useFused: true }),
    TypeError,
    '"amsgrad" of the options: expected true or false, got "yes"',
  ],
  [
    "arithmetic of another name",
    withOptions({ arithmetic: "exact" }),
    RangeError,
    '"arithmetic" of the options: expected "intended" or "documented" or "executed", got "exact"',
  ],
  [
    "arithmetic is a number",
    withOptions({ arithmetic: 1 }),
    TypeError,
    '"arithmetic" of the options: expected "intended" or "documented" or "executed", got 1',
  ],
];

for (const [why, act, kind, message] of ROWS) {
  test(`refused: ${why}`, () => assertRefused(act, kind, message));
}

test("refused: options by other names", () => {
  for (const key of ["lr", "weight_decay", "swap", "orderParams", "initialLr"]) {
    const start = `"${key}" of the options: expected one of learningRate, betas, eps, weightDecay, `;
    assert.throws(
      withOptions({ [key]: 1 }),
      (error: Error) => error instanceof TypeError && error.message.startsWith(start),
      key,
    );
  }
});

test.run();
