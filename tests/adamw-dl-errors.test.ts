import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamWDL } from "../src/index.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";

const test = suite("AdamWDL errors");

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the types forbid
type Wrong = any;

const w = () => ({ w: new Float32Array(4) });
const only = (options: Wrong) => () => new AdamWDL(options);
const withOptions = (options: Wrong) => only({ parameters: w(), ...options });
const ROWS: RefusedRow[] = [
  [
    "no options",
    only(undefined),
    TypeError,
    '"options" of AdamWDL: expected an object of options, got undefined',
  ],
  [
    "options are an array",
    only([w()]),
    TypeError,
    '"options" of AdamWDL: expected an object of options, got an array of length 1',
  ],
  [
    "parameters missing",
    only({}),
    TypeError,
    '"parameters" of AdamWDL: expected a record of name to Float32Array, or an iterable of { name, shape, data }, got undefined',
  ],
  [
    "parameters null",
    only({ parameters: null }),
    TypeError,
    '"parameters" of AdamWDL: expected a record of name to Float32Array, or an iterable of { name, shape, data }, got null',
  ],
  [
    "parameters is one array",
    only({ parameters: new Float32Array(3) }),
    TypeError,
    '"params" of the optimizer: expected a record of name to Float32Array, or an iterable of { name, shape, data }, got Float32Array of length 3',
  ],
  [
    "parameters is an empty list",
    only({ parameters: [] }),
    RangeError,
    '"params" of the optimizer: expected at least one parameter, got none',
  ],
  [
    "parameters are groups",
    only({ parameters: [{ params: w() }] }),
    TypeError,
    '"parameters" of AdamWDL: expected parameters, got param groups. Layers have their rates by setParamLrFun; AdamW takes groups',
  ],
  [
    "a parameter without a name",
    only({ parameters: [{ shape: [2] }] }),
    TypeError,
    '"name" of params[0] of the optimizer: expected a string, got undefined',
  ],
  [
    "a parameter twice",
    only({
      parameters: [
        { name: "w", shape: [2] },
        { name: "w", shape: [3] },
      ],
    }),
    RangeError,
    'parameter "w" of the options: expected each name once, got it twice',
  ],
  [
    "a parameter's unknown key",
    only({ parameters: { w: { shape: [2], lr: 1 } } }),
    TypeError,
    '"lr" of parameter "w": expected one of shape, data, dtype, got an unknown key',
  ],
  [
    "optimizeAttr is a number",
    only({ parameters: { w: { shape: [2], optimizeAttr: 2 } } }),
    TypeError,
    '"optimizeAttr" of parameter "w": expected an object of options, got 2',
  ],
  [
    "optimizeAttr has an unknown key",
    only({ parameters: { w: { shape: [2], optimizeAttr: { lr: 2 } } } }),
    TypeError,
    '"lr" of optimizeAttr of parameter "w": expected one of learningRate, got an unknown key',
  ],
  [
    "a multiplier is negative",
    only({ parameters: { w: { shape: [2], optimizeAttr: { learningRate: -2 } } } }),
    RangeError,
    '"optimizeAttr.learningRate" of parameter "w": expected a finite number >= 0, got -2',
  ],
  [
    "learningRate is a string",
    withOptions({ learningRate: "0.1" }),
    TypeError,
    '"learningRate" of the options: expected a number, numbers to iterate over, or a schedule, got "0.1"',
  ],
  [
    "learningRate is negative",
    withOptions({ learningRate: -1 }),
    RangeError,
    '"learningRate" of the options: expected a finite number >= 0, or a schedule (k) => number, got -1',
  ],
  [
    "beta1 is 1",
    withOptions({ beta1: 1 }),
    RangeError,
    '"beta1" of the options: expected a number in [0, 1), got 1',
  ],
  [
    "beta1 is null",
    withOptions({ beta1: null }),
    TypeError,
    '"beta1" of the options: expected a number in [0, 1), got null',
  ],
  [
    "beta2 has two elements",
    withOptions({ beta2: [0.9, 0.99] }),
    TypeError,
    '"beta2" of the options: expected a number in [0, 1), got [0.9, 0.99]',
  ],
  [
    "beta2 rounds to 1",
    withOptions({ beta2: 0.99999999 }),
    RangeError,
    '"beta2" of the options: expected a number below 1 as float32 too, at most 0.99999997, got 0.99999999',
  ],
  [
    "beta2 is a negative element",
    withOptions({ beta2: [-0.5] }),
    RangeError,
    '"beta2" of the options: expected a number in [0, 1), got -0.5',
  ],
  [
    "epsilon is negative",
    withOptions({ epsilon: -1e-8 }),
    RangeError,
    '"epsilon" of the options: expected a finite number >= 0, got -1e-8',
  ],
  [
    "epsilon is too small",
    withOptions({ epsilon: 0 }),
    RangeError,
    '"epsilon" of the options: expected at least 3.71723952525945e-37 with beta2 0.999, got 0',
  ],
  [
    "weightDecay is a schedule",
    withOptions({ weightDecay: () => 0.1 }),
    TypeError,
    '"weightDecay" of the options: expected a finite number >= 0, got function weightDecay',
  ],
  [
    "weightDecay is negative",
    withOptions({ weightDecay: [-0.1] }),
    RangeError,
    '"weightDecay" of the options: expected a finite number >= 0, got -0.1',
  ],
  [
    "applyDecayParamFun is a list",
    withOptions({ applyDecayParamFun: ["w"] }),
    TypeError,
    '"applyDecayParamFun" of the options: expected a function (name) => boolean, or null, got ["w"]',
  ],
  [
    "applyDecayParamFun gives a string",
    withOptions({ applyDecayParamFun: (name: string) => name }),
    TypeError,
    '"applyDecayParamFun" of parameter "w": expected true or false, got "w"',
  ],
  [
    "gradClip is a number",
    withOptions({ gradClip: 1 }),
    TypeError,
    '"gradClip" of the options: expected clipByGlobalNorm(...), clipByNorm(...), clipByValue(...) or clipAdaptive(...), got 1',
  ],
  [
    "lazyMode is 1",
    withOptions({ lazyMode: 1 }),
    TypeError,
    '"lazyMode" of the options: expected true or false, got 1',
  ],
  [
    "multiPrecision is null",
    withOptions({ multiPrecision: null }),
    TypeError,
    '"multiPrecision" of the options: expected true or false, got null',
  ],
  [
    "name is a number",
    withOptions({ name: 1 }),
    TypeError,
    '"name" of the options: expected a string, got 1',
  ],
  [
    "name is empty",
    withOptions({ name: "" }),
    RangeError,
    '"name" of the options: expected a string that is not empty, got ""',
  ],
  [
    "arithmetic of another name",
    withOptions({ arithmetic: "exact" }),
    RangeError,
    '"arithmetic" of the options: expected "intended" or "documented" or "executed", got "exact"',
  ],
  [
    "arithmetic is null",
    withOptions({ arithmetic: null }),
    TypeError,
    '"arithmetic" of the options: expected "intended" or "documented" or "executed", got null',
  ],
  [
    "precision is a word",
    withOptions({ precision: "float16" }),
    TypeError,
    '"precision" of the options: expected an object of options, got "float16"',
  ],
  [
    "precision.master says otherwise than multiPrecision",
    withOptions({ precision: { model: "float16", master: true } }),
    RangeError,
    '"master" of precision: expected multiPrecision, false, got true. Leave it out of precision',
  ],
];

for (const [why, act, kind, message] of ROWS) {
  test(`refused: ${why}`, () => assertRefused(act, kind, message));
}

test("refused: options by the names that AdamW has for them", () => {
  for (const key of ["lr", "betas", "eps", "decays", "lrScale", "clip", "lazy", "amsgrad"]) {
    const start = `"${key}" of the options: expected one of parameters, learningRate, beta1, `;
    assert.throws(
      withOptions({ [key]: 1 }),
      (error: Error) => error instanceof TypeError && error.message.startsWith(start),
      key,
    );
  }
});

test.run();
