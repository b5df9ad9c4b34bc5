import { suite } from "uvu";
import { assertNothingAllocated, assertOwnCases, withOptions } from "./reference/bad-input.ts";
import type { RefusedRow } from "./reference/refused.ts";

const test = suite("bad input: options");

const ROWS: RefusedRow[] = [
  // Wrong kind.
  [
    "options is a number",
    withOptions(3),
    TypeError,
    '"options" of AdamW: expected an object of options, got 3',
  ],
  [
    "options is null",
    withOptions(null),
    TypeError,
    '"options" of AdamW: expected an object of options, got null',
  ],
  [
    "betas is a number",
    withOptions({ betas: 0.9 }),
    TypeError,
    '"betas" of the options: expected an array of two numbers, got 0.9',
  ],
  [
    "a beta is a string",
    withOptions({ betas: [0.9, "x"] }),
    TypeError,
    '"betas[1]" of the options: expected a number in [0, 1), got "x"',
  ],
  [
    "eps is null",
    withOptions({ eps: null }),
    TypeError,
    '"eps" of the options: expected a finite number >= 0, got null',
  ],
  [
    "amsgrad is 1",
    withOptions({ amsgrad: 1 }),
    TypeError,
    '"amsgrad" of the options: expected true or false, got 1',
  ],
  [
    "maximize is a string",
    withOptions({ maximize: "yes" }),
    TypeError,
    '"maximize" of the options: expected true or false, got "yes"',
  ],
  [
    "decays is a list",
    withOptions({ decays: ["bias"] }),
    TypeError,
    '"decays" of the options: expected a function (parameter) => boolean, got ["bias"]',
  ],
  [
    "lrScale is a number",
    withOptions({ lrScale: 0.5 }),
    TypeError,
    '"lrScale" of the options: expected layerDecay(...) or (parameter) => number, got 0.5',
  ],
  [
    "precision is a word",
    withOptions({ precision: "float16" }),
    TypeError,
    '"precision" of the options: expected an object of options, got "float16"',
  ],
  [
    "slabBytes is a string",
    withOptions({ slabBytes: "1MB" }),
    TypeError,
    '"slabBytes" of the options: expected a whole number from 65536 to 4294967296, got "1MB"',
  ],
  // Wrong value.
  [
    "three betas",
    withOptions({ betas: [0.9, 0.99, 0.999] }),
    RangeError,
    '"betas" of the options: expected two numbers, got 3 of them',
  ],
  [
    "beta is 1",
    withOptions({ betas: [1, 0.999] }),
    RangeError,
    '"betas[0]" of the options: expected a number in [0, 1), got 1',
  ],
  [
    "beta is negative",
    withOptions({ betas: [0.9, -0.1] }),
    RangeError,
    '"betas[1]" of the options: expected a number in [0, 1), got -0.1',
  ],
  [
    "beta is NaN",
    withOptions({ betas: [Number.NaN, 0.9] }),
    RangeError,
    '"betas[0]" of the options: expected a number in [0, 1), got NaN',
  ],
  [
    "beta rounds to 1",
    withOptions({ betas: [0.9, 0.99999999] }),
    RangeError,
    '"betas[1]" of the options: expected a number below 1 as float32 too, at most 0.99999997, got 0.99999999',
  ],
  [
    "eps is negative",
    withOptions({ eps: -1e-8 }),
    RangeError,
    '"eps" of the options: expected a finite number >= 0, got -1e-8',
  ],
  [
    "eps is 0, so 0/0 threatens",
    withOptions({ eps: 0 }),
    RangeError,
    '"eps" of the options: expected at least 3.71723952525945e-37 with betas[1] 0.999, got 0',
  ],
  [
    "eps is too small",
    withOptions({ eps: 1e-37 }),
    RangeError,
    '"eps" of the options: expected at least 3.71723952525945e-37 with betas[1] 0.999, got 1e-37',
  ],
  [
    "precision of another name",
    withOptions({ precision: { model: "fp16" } }),
    RangeError,
    '"model" of precision: expected "float32" or "float16" or "bfloat16", got "fp16"',
  ],
  [
    "policy of another name",
    withOptions({ nonFinite: "ignore" }),
    RangeError,
    '"nonFinite" of the options: expected "throw" or "skip" or "allow", got "ignore"',
  ],
  [
    "slabBytes too large",
    withOptions({ slabBytes: 2 ** 33 }),
    RangeError,
    '"slabBytes" of the options: expected a whole number from 65536 to 4294967296, got 8589934592',
  ],
  // Unknown keys.
  [
    "an unknown option",
    withOptions({ weight_decay: 0.1 }),
    TypeError,
    '"weight_decay" of the options: expected one of lr, weightDecay, betas, eps, amsgrad, centralize, maximize, decays, lrScale, clip, clips, lossScale, lazy, zeroGradients, precision, nonFinite, gradNorm, slabBytes, splitParameters, threads, touchPages, got an unknown key',
  ],
  [
    "an unknown key of precision",
    withOptions({ precision: { models: "float16" } }),
    TypeError,
    '"models" of precision: expected one of model, gradients, master, got an unknown key',
  ],
  // Objects of other classes, holes and null.
  [
    "options in a Map",
    withOptions(new Map([["lr", 5]])),
    TypeError,
    '"options" of AdamW: expected an object of options, got a Map',
  ],
  [
    "options not awaited",
    withOptions(Promise.resolve({})),
    TypeError,
    '"options" of AdamW: expected an object of options, got a Promise',
  ],
  [
    "options with inherited keys",
    withOptions(Object.create({ lr: 0.5 })),
    TypeError,
    '"options" of AdamW: expected an object of options, got an object',
  ],
  [
    "a hole in betas",
    withOptions({ betas: new Array(2) }),
    TypeError,
    '"betas[0]" of the options: expected a number in [0, 1), got undefined',
  ],
  [
    "maximize is null",
    withOptions({ maximize: null }),
    TypeError,
    '"maximize" of the options: expected true or false, got null',
  ],
  [
    "nonFinite is null",
    withOptions({ nonFinite: null }),
    TypeError,
    '"nonFinite" of the options: expected "throw" or "skip" or "allow", got null',
  ],
  [
    "slabBytes is null",
    withOptions({ slabBytes: null }),
    TypeError,
    '"slabBytes" of the options: expected a whole number from 65536 to 4294967296, got null',
  ],
  [
    "an object that only says that it is a layer rule",
    withOptions({ lrScale: { kind: "layerDecay" } }),
    TypeError,
    '"lrScale" of the options: expected layerDecay(...) or (parameter) => number, got an object',
  ],
];

test("each row is its own case", () => assertOwnCases(ROWS));

for (const [why, act, kind, message] of ROWS) {
  test(`refused: ${why}`, () => assertNothingAllocated(act, kind, message));
}

test.run();
