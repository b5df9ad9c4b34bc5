import { suite } from "uvu";
import {
  dynamicLossScale,
  releaseLossScale,
  staticLossScale,
  takeLossScale,
} from "../src/gradients/loss-scale.ts";
import { orderRows } from "../src/gradients/sparse-rows.ts";
import { refuses } from "./reference/refuses.ts";

const test = suite("gradients: errors of loss scales and sparse rows");

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the types forbid
type Wrong = any;

const dynamic = (options: Wrong) => () => dynamicLossScale(options);
const LARGEST = 3.4028234663852886e38;

test("loss scales", () => {
  const d = "of dynamicLossScale: expected";
  const inRange = "a number >= 2^-126 within float32's range, got";
  const whole = "a whole number from 1 to 9007199254740991, got";
  refuses([
    [() => staticLossScale(0), RangeError, `"scale" of staticLossScale: expected ${inRange} 0`],
    [() => staticLossScale(-2), RangeError, `"scale" of staticLossScale: expected ${inRange} -2`],
    [
      () => staticLossScale("2" as Wrong),
      TypeError,
      `"scale" of staticLossScale: expected ${inRange} "2"`,
    ],
    [
      () => staticLossScale(1e39),
      RangeError,
      `"scale" of staticLossScale: expected ${inRange} 1e+39`,
    ],
    [
      () => staticLossScale(1e-50),
      RangeError,
      `"scale" of staticLossScale: expected ${inRange} 1e-50`,
    ],
    // Its reciprocal would be infinite as float32, and every gradient of 0 NaN.
    [
      () => staticLossScale(1e-42),
      RangeError,
      `"scale" of staticLossScale: expected ${inRange} 1e-42`,
    ],
    [dynamic({ minScale: 1e-42 }), RangeError, `"minScale" ${d} ${inRange} 1e-42`],
    [dynamic(3), TypeError, `"options" ${d} an object of options, got 3`],
    [
      dynamic({ scale: 3 }),
      TypeError,
      `"scale" ${d} one of initialScale, growthFactor, backoffFactor, growthInterval, decreaseEvery, minScale, maxScale, convention, got an unknown key`,
    ],
    [dynamic({ initialScale: 0 }), RangeError, `"initialScale" ${d} ${inRange} 0`],
    [dynamic({ initialScale: Number.NaN }), RangeError, `"initialScale" ${d} ${inRange} NaN`],
    [dynamic({ initialScale: null }), TypeError, `"initialScale" ${d} ${inRange} null`],
    [dynamic({ growthFactor: 1 }), RangeError, `"growthFactor" ${d} a finite number > 1, got 1`],
    [
      dynamic({ growthFactor: Infinity }),
      RangeError,
      `"growthFactor" ${d} a finite number > 1, got Infinity`,
    ],
    [
      dynamic({ growthFactor: 1.00000001, convention: "paddle" }),
      RangeError,
      `"growthFactor" ${d} a finite number > 1, got 1.00000001`,
    ],
    [
      dynamic({ growthFactor: true }),
      TypeError,
      `"growthFactor" ${d} a finite number > 1, got true`,
    ],
    [dynamic({ backoffFactor: 1 }), RangeError, `"backoffFactor" ${d} a number > 0 and < 1, got 1`],
    [dynamic({ backoffFactor: 0 }), RangeError, `"backoffFactor" ${d} a number > 0 and < 1, got 0`],
    [
      dynamic({ backoffFactor: 0.99999999, convention: "paddle" }),
      RangeError,
      `"backoffFactor" ${d} a number > 0 and < 1, got 0.99999999`,
    ],
    [
      dynamic({ backoffFactor: "0.5" }),
      TypeError,
      `"backoffFactor" ${d} a number > 0 and < 1, got "0.5"`,
    ],
    [dynamic({ growthInterval: 0 }), RangeError, `"growthInterval" ${d} ${whole} 0`],
    [dynamic({ growthInterval: 1.5 }), RangeError, `"growthInterval" ${d} ${whole} 1.5`],
    [dynamic({ decreaseEvery: 0 }), RangeError, `"decreaseEvery" ${d} ${whole} 0`],
    [dynamic({ decreaseEvery: "1" }), TypeError, `"decreaseEvery" ${d} ${whole} "1"`],
    [dynamic({ minScale: 0 }), RangeError, `"minScale" ${d} ${inRange} 0`],
    [dynamic({ maxScale: Infinity }), RangeError, `"maxScale" ${d} ${inRange} Infinity`],
    [
      dynamic({ initialScale: 8, minScale: 16 }),
      RangeError,
      `"initialScale" ${d} at least minScale, 16, got 8`,
    ],
    [
      dynamic({ initialScale: 0.5, convention: "paddle" }),
      RangeError,
      `"initialScale" ${d} at least minScale, 1, got 0.5`,
    ],
    [
      dynamic({ initialScale: 8, maxScale: 4 }),
      RangeError,
      `"initialScale" ${d} at most maxScale, 4, got 8`,
    ],
    [
      dynamic({ convention: "apex" }),
      RangeError,
      `"convention" ${d} "torch" or "paddle", got "apex"`,
    ],
  ]);
});

test("loss scales' updates and states", () => {
  const scaler = dynamicLossScale({ growthInterval: 5, decreaseEvery: 2, minScale: 1 });
  const restore = (wrong: Wrong) => () => scaler.restore({ ...scaler.state(), ...wrong });
  const s = "of the loss scale's state: expected";
  const scale = `a float32 from 1 to ${LARGEST}, got`;
  refuses([
    [
      () => scaler.update(1 as Wrong),
      TypeError,
      '"foundNonFinite" of update: expected true or false, got 1',
    ],
    [
      () => staticLossScale(1).update(undefined as Wrong),
      TypeError,
      '"foundNonFinite" of update: expected true or false, got undefined',
    ],
    [
      () => scaler.restore(null as Wrong),
      TypeError,
      '"state" of restore: expected an object of options, got null',
    ],
    [restore({ kind: "static" }), RangeError, `"kind" ${s} "dynamic", got "static"`],
    [restore({ kind: undefined }), TypeError, `"kind" ${s} "dynamic", got undefined`],
    [
      restore({ more: 1 }),
      TypeError,
      `"more" ${s} one of kind, scale, finiteSteps, nonFiniteSteps, got an unknown key`,
    ],
    [restore({ scale: 0.5 }), RangeError, `"scale" ${s} ${scale} 0.5`],
    [restore({ scale: 1.1 }), RangeError, `"scale" ${s} ${scale} 1.1`],
    [restore({ scale: Infinity }), RangeError, `"scale" ${s} ${scale} Infinity`],
    [restore({ scale: "4" }), TypeError, `"scale" ${s} ${scale} "4"`],
    [
      restore({ finiteSteps: 5 }),
      RangeError,
      `"finiteSteps" ${s} a whole number from 0 to 4, got 5`,
    ],
    [
      restore({ finiteSteps: -1 }),
      RangeError,
      `"finiteSteps" ${s} a whole number from 0 to 4, got -1`,
    ],
    [
      restore({ nonFiniteSteps: 2 }),
      RangeError,
      `"nonFiniteSteps" ${s} a whole number from 0 to 1, got 2`,
    ],
    [
      restore({ nonFiniteSteps: null }),
      TypeError,
      `"nonFiniteSteps" ${s} a whole number from 0 to 1, got null`,
    ],
    [
      () => staticLossScale(2).restore(staticLossScale(4).state()),
      RangeError,
      `"scale" ${s} 2, as the static loss scale is, got 4`,
    ],
    [
      () => staticLossScale(2).restore(dynamicLossScale().state()),
      RangeError,
      `"kind" ${s} "static", got "dynamic"`,
    ],
  ]);
});

test("a dynamic loss scale is taken by one optimizer at a time, a static one by any", () => {
  const dynamic = dynamicLossScale();
  const take = () => takeLossScale(dynamic, "the options");
  take();
  refuses([
    [
      take,
      RangeError,
      '"lossScale" of the options: expected a dynamic loss scale of its own, got one that another ' +
        "optimizer has. Make one for each, or dispose the other",
    ],
  ]);
  releaseLossScale(dynamic);
  take();
  const fixed = staticLossScale(8);
  for (const lossScale of [fixed, fixed, null, null, dynamicLossScale()]) {
    takeLossScale(lossScale, "the options");
  }
  releaseLossScale(null);
});

const merge = (gradient: Wrong, ...shape: number[]) => {
  return () => orderRows(gradient, { name: "embed", shape });
};
const mergeHalves = (dtype: "float16" | "bfloat16", gradient: Wrong) => {
  return () => orderRows(gradient, { name: "embed", shape: [4] }, dtype);
};
const f32 = (length: number) => new Float32Array(length);

test("sparse rows", () => {
  const of = 'of parameter "embed": expected';
  const kinds = "an Int32Array, a Uint32Array or an array of numbers, got";
  const row = "a whole number from 0 to 3, got";
  refuses([
    [
      merge({ rows: [0], values: f32(1) }),
      RangeError,
      `"gradient" ${of} an array for shape [], got an object. A scalar has no rows`,
    ],
    [
      merge(f32(4), 4),
      TypeError,
      `"gradient" ${of} an object { rows, values }, got Float32Array of length 4`,
    ],
    [merge(null, 4), TypeError, `"gradient" ${of} an object { rows, values }, got null`],
    [
      merge({ rows: [0], values: f32(1), shape: [4] }, 4),
      TypeError,
      '"shape" of the gradient of parameter "embed": expected one of rows, values, got an unknown key',
    ],
    [merge({ rows: 1, values: f32(1) }, 4), TypeError, `"rows" ${of} ${kinds} 1`],
    [
      merge({ rows: f32(1), values: f32(1) }, 4),
      TypeError,
      `"rows" ${of} ${kinds} Float32Array of length 1`,
    ],
    [
      merge({ rows: new BigInt64Array(1), values: f32(1) }, 4),
      TypeError,
      `"rows" ${of} ${kinds} BigInt64Array of length 1`,
    ],
    [merge({ rows: [0, "1"], values: f32(2) }, 4), TypeError, `"rows[1]" ${of} ${row} "1"`],
    [merge({ rows: [0, 1n], values: f32(2) }, 4), TypeError, `"rows[1]" ${of} ${row} 1n`],
    [
      merge({ rows: new Array(1), values: f32(1) }, 4),
      TypeError,
      `"rows[0]" ${of} ${row} undefined`,
    ],
    [merge({ rows: [3, 2, 4], values: f32(3) }, 4), RangeError, `"rows[2]" ${of} ${row} 4`],
    [merge({ rows: [0, -1], values: f32(2) }, 4), RangeError, `"rows[1]" ${of} ${row} -1`],
    [
      merge({ rows: Int32Array.of(-7), values: f32(2) }, 4, 2),
      RangeError,
      `"rows[0]" ${of} ${row} -7`,
    ],
    [
      merge({ rows: Uint32Array.of(4294967295), values: f32(1) }, 4),
      RangeError,
      `"rows[0]" ${of} ${row} 4294967295`,
    ],
    [merge({ rows: [0.5], values: f32(1) }, 4), RangeError, `"rows[0]" ${of} ${row} 0.5`],
    [merge({ rows: [Number.NaN], values: f32(1) }, 4), RangeError, `"rows[0]" ${of} ${row} NaN`],
    [merge({ rows: [Infinity], values: f32(1) }, 4), RangeError, `"rows[0]" ${of} ${row} Infinity`],
    [
      merge({ rows: [0], values: f32(3) }, 0, 3),
      RangeError,
      `"rows" ${of} none for shape [0, 3], got 1`,
    ],
    [
      merge({ rows: [0], values: [1, 2] }, 4, 2),
      TypeError,
      `"values" ${of} a Float32Array, got [1, 2]`,
    ],
    [merge({ rows: [0] }, 4), TypeError, `"values" ${of} a Float32Array, got undefined`],
    [
      merge({ rows: [0], values: new Uint16Array(1) }, 4),
      TypeError,
      `"values" ${of} a Float32Array, got Uint16Array of length 1`,
    ],
    [
      mergeHalves("bfloat16", { rows: [0], values: new Int16Array(1) }),
      TypeError,
      `"values" ${of} a Float32Array, a Uint16Array of bfloat16 bits, got Int16Array of length 1`,
    ],
    [
      mergeHalves("float16", { rows: [0, 1], values: new Uint16Array(1) }),
      RangeError,
      `"values" ${of} 2 elements, 2 rows of 1, got 1`,
    ],
    [
      merge({ rows: [0, 1], values: f32(5) }, 4, 3),
      RangeError,
      `"values" ${of} 6 elements, 2 rows of 3, got 5`,
    ],
    [
      merge({ rows: [], values: f32(1) }, 4, 3),
      RangeError,
      `"values" ${of} 0 elements, 0 rows of 3, got 1`,
    ],
  ]);
});

test.run();
