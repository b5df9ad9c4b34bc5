import { suite } from "uvu";
import {
  assertNothingAllocated,
  assertOwnCases,
  w,
  withParameters,
} from "./reference/bad-input.ts";
import type { RefusedRow } from "./reference/refused.ts";

const test = suite("bad input: parameters");

const ROWS: RefusedRow[] = [
  [
    "an unknown parameter key",
    withParameters({ w: { shape: [1], values: 1 } }),
    TypeError,
    '"values" of parameter "w": expected one of shape, data, dtype, got an unknown key',
  ],
  [
    "no parameters at all",
    withParameters({}),
    RangeError,
    '"params" of the optimizer: expected at least one parameter, got none',
  ],
  [
    "parameters is null",
    withParameters(null),
    TypeError,
    '"params" of the optimizer: expected a record of name to Float32Array, or an iterable of { name, shape, data }, got null',
  ],
  [
    "parameters is an array of numbers",
    withParameters([1, 2]),
    TypeError,
    '"params[0]" of the optimizer: expected an object { name, shape, data }, got 1',
  ],
  [
    "parameters is one Float32Array",
    withParameters(new Float32Array(3)),
    TypeError,
    '"params" of the optimizer: expected a record of name to Float32Array, or an iterable of { name, shape, data }, got Float32Array of length 3',
  ],
  [
    "a parameter is a Float64Array",
    withParameters({ w: new Float64Array(2) }),
    TypeError,
    '"data" of parameter "w": expected a Float32Array or { shape, data?, dtype? }, got Float64Array of length 2',
  ],
  [
    "a parameter without a name",
    withParameters([{ shape: [2] }]),
    TypeError,
    '"name" of params[0] of the optimizer: expected a string, got undefined',
  ],
  [
    "a parameter with an empty name",
    withParameters({ "": new Float32Array(1) }),
    RangeError,
    '"name" of a parameter: expected a string that is not empty, got ""',
  ],
  [
    "half of a surrogate pair",
    withParameters({ "\ud800": new Float32Array(1) }),
    RangeError,
    '"name" of a parameter: expected well-formed Unicode, got "\\ud800"',
  ],
  [
    "a shape that is a number",
    withParameters({ w: { shape: 4 } }),
    TypeError,
    '"shape" of parameter "w": expected an array of sizes, got 4',
  ],
  [
    "a negative size",
    withParameters({ w: { shape: [2, -1] } }),
    RangeError,
    '"shape" of parameter "w": expected whole numbers >= 0, got [2, -1]',
  ],
  [
    "an enormous shape",
    withParameters({ w: { shape: [2 ** 23, 2 ** 23] } }),
    RangeError,
    '"shape" of parameter "w": expected at most 68719476736 elements, got 70368744177664',
  ],
  [
    "data of another length",
    withParameters({ w: { shape: [2, 2], data: new Float32Array(5) } }),
    RangeError,
    '"length" of the data of parameter "w": expected 4, its shape\'s size, got 5',
  ],
  [
    "float16 data in a Float32Array",
    withParameters({ w: { shape: [2], data: new Float32Array(2), dtype: "float16" } }),
    TypeError,
    '"data" of parameter "w": expected a Uint16Array of float16 bits, got Float32Array of length 2',
  ],
  [
    "a dtype of another name",
    withParameters({ w: { shape: [2], dtype: "int8" } }),
    RangeError,
    '"dtype" of parameter "w": expected "float32" or "float16" or "bfloat16", got "int8"',
  ],
  [
    "data with NaN",
    withParameters({ w: Float32Array.of(0, Number.NaN) }),
    RangeError,
    '"data[1]" of parameter "w": expected a finite number, got NaN',
  ],
  [
    "float16 data with infinity",
    withParameters({ w: { shape: [1], data: Uint16Array.of(0x7c00), dtype: "float16" } }),
    RangeError,
    '"data[0]" of parameter "w": expected a finite number, got bits 0x7c00',
  ],
  [
    "parameters in a Promise",
    withParameters(Promise.resolve(w())),
    TypeError,
    '"params" of the optimizer: expected a record of name to Float32Array, or an iterable of { name, shape, data }, got a Promise',
  ],
  [
    "a shape of infinite size times 0",
    withParameters({ w: { shape: [...new Array(30).fill(2 ** 52), 0] } }),
    RangeError,
    '"shape" of parameter "w": expected at most 68719476736 elements, got NaN',
  ],
];

test("each row is its own case", () => assertOwnCases(ROWS));

for (const [why, act, kind, message] of ROWS) {
  test(`refused: ${why}`, () => assertNothingAllocated(act, kind, message));
}

test.run();
