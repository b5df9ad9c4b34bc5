import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { AshlarError } from "../../src/index.ts";
import { warningsOf } from "./refused.ts";

// Values that no call expects, and the judgement of what a call makes of one.

/** Words of the options, so that junk gets past the first look now and then. */
const WORDS = [
  ...["model", "master", "gradients", "kind", "max", "min", "formula", "factor", "floor", "rows"],
  ...["values", "shape", "data", "dtype", "name", "params", "options", "lr", "metrics", "average"],
  ...["convention", "scale", "__proto__", "constructor", "length", "schedules", "learningRate"],
];
const VALUES = [
  ...["float16", "bfloat16", "float32", "globalNorm", "norm", "value", "adaptive", "throw", "skip"],
  ...["torch", "paddle", "timm", "composer", "intended", "documented", "executed", "ema", "hold"],
];

const NUMBERS = [
  ...[0, -0, 1, 2, 3, -1, 0.1, 0.5, 1.5, 0.9999999999, Number.NaN, Infinity, -Infinity],
  ...[1e39, -1e39, 1e-320, 5e-324, 1e308, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53)],
];

const nan = Float32Array.of(1, Number.NaN, 0, -1);
const shared = new Float32Array(new SharedArrayBuffer(16));

const OBJECTS: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    false,
    "",
    "0.1",
    "w",
    1n,
    Symbol("s"),
    {},
    [],
    [[]],
    new Array(2),
    [null],
  ],
  ...[() => undefined, async () => 1, function* () {}, Promise.resolve(1), /x/, new Error("x")],
  ...[new WeakMap(), new Map([["w", 1]]), new Set(["w"]), new Date(Number.NaN), new Proxy({}, {})],
  ...[Object.create(null), Object.create({ lr: 1 }), Object.freeze([1, 2]), new (class Odd {})()],
  ...[new ArrayBuffer(8), new DataView(new ArrayBuffer(8)), new Float64Array(4), new Uint8Array(4)],
  ...[
    new Float32Array(4),
    new Float32Array(0),
    nan,
    shared,

    new Uint16Array(4),
    globalThis,
  ],
  ...[
    new Uint16Array([0x7c00, 0, 0, 0]),
    new Int32Array([0, -1]),
    Math,
    new Number(1),
    new String("w"),
  ],
];

/** A list of sizes whose product would ask for more memory than a test should. */
function isLarge(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const sizes = value.filter((each) => typeof each === "number" && each > 1);
  return sizes.reduce((product: number, size: number) => product * size, 1) > 1e4;
}

const plainJunk: fc.Arbitrary<unknown> = fc
  .oneof(
    fc.constantFrom<unknown>(undefined, null, Number.NaN, -1, "", [], {}),
    fc.constantFrom(...OBJECTS),
    fc.constantFrom<unknown>(...NUMBERS),
    fc.constantFrom<unknown>(...VALUES),
    fc.anything({
      maxDepth: 2,
      maxKeys: 4,
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
    }),
  )
  .filter((value) => !isLarge(value));

/** Anything; now and then inside of a list, a record with keys that mean something, or a function. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: plainJunk },
  { weight: 1, arbitrary: fc.array(plainJunk, { maxLength: 3 }).filter((list) => !isLarge(list)) },
  { weight: 2, arbitrary: fc.dictionary(fc.constantFrom(...WORDS), plainJunk, { maxKeys: 4 }) },
  { weight: 1, arbitrary: plainJunk.map((value) => () => value) },
);

const CLASSES: readonly unknown[] = [TypeError, RangeError, AshlarError];
/** What was expected and what was got; or an original's own sentence, which docs/semantics.md names. */
const OURS = /expected [\s\S]+ got |^coeff should be float or Tensor\.$/;

/**
 * Calls, and asserts that what it refuses it refuses as documented: with an error of ours, that says
 * what was expected and what was got, and names the thing.
 *
 * @returns what it gave, or undefined where it was refused
 */
export function judged<Value>(call: () => Value, names = ""): Value | undefined {
  let value: Value | undefined;
  let thrown: unknown;
  let refused = false;
  warningsOf(() => {
    try {
      value = call();
    } catch (error) {
      refused = true;
      thrown = error;
    }
  });
  if (!refused) return value;
  const error = thrown as Error;
  assert.ok(CLASSES.includes(error.constructor), `an error that is not ours: ${error.stack}`);
  assert.ok(OURS.test(error.message), `not a message of ours: ${error.stack}`);
  const named = error.message.includes(names) || error.message.startsWith("coeff");
  assert.ok(named, `expected ${names} in the message: ${error.message}`);
  return undefined;
}
