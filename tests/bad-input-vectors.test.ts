import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, cosineWithWarmup, DecoupledAdamW } from "../src/index.ts";
import {
  assertNothingAllocated,
  assertNothingChanged,
  assertOwnCases,
  type RefusedCall,
  type Wrong,
  w,
  withGroup,
  withOptions,
} from "./reference/bad-input.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";

const test = suite("bad input: vectors");

/** Endless, and tells whether it was let go. */
class Endless {
  closed = false;
  *[Symbol.iterator]() {
    try {
      for (;;) yield 0.1;
    } finally {
      this.closed = true;
    }
  }
}
function* fails() {
  yield 0.1;
  throw new RangeError("no more data");
}

const ROWS: RefusedRow[] = [
  [
    "an empty vector",
    withOptions({ lr: [] }),
    RangeError,
    '"lr" of the options: expected at least one value, got []',
  ],
  [
    "an empty set of weight decays",
    withGroup({ name: "head", weightDecay: new Set() }),
    RangeError,
    '"weightDecay" of group "head": expected at least one value, got a Set',
  ],
  [
    "a vector with NaN",
    withGroup({ name: "head", lr: Float32Array.of(0.1, 0.2, 0.3, Number.NaN) }),
    RangeError,
    '"lr[3]" of group "head": expected a finite number >= 0, got NaN',
  ],
  [
    "a vector with an infinite weight decay",
    withGroup({ weightDecay: [0.1, Number.POSITIVE_INFINITY] }),
    RangeError,
    '"weightDecay[1]" of group 0: expected a finite number >= 0, got Infinity',
  ],
  [
    "a vector with a negative value",
    withOptions({ lr: new Set([0.1, -0.1]) }),
    RangeError,
    '"lr[1]" of the options: expected a finite number >= 0, got -0.1',
  ],
  [
    "a vector with a hole",
    withOptions({ lr: new Array(2) }),
    TypeError,
    '"lr[0]" of the options: expected a finite number >= 0, got undefined',
  ],
  [
    "a vector of bigints",
    withOptions({ lr: BigInt64Array.of(1n) }),
    TypeError,
    '"lr[0]" of the options: expected a finite number >= 0, got 1n',
  ],
  [
    "a vector of schedules",
    withOptions({ lr: [cosineWithWarmup({ peak: 1, warmupSteps: 0, totalSteps: 2 })] }),
    TypeError,
    '"lr[0]" of the options: expected a finite number >= 0, got function schedule',
  ],
  [
    "a vector of typed arrays",
    withOptions({ weightDecay: [new Float32Array(2)] }),
    RangeError,
    '"weightDecay[0]" of the options: expected a finite number >= 0, as a vector has one dimension, got Float32Array of length 2',
  ],
  [
    "a Map of step to lr",
    withOptions({ lr: new Map([[0, 0.1]]) }),
    TypeError,
    '"lr" of the options: expected a number, numbers to iterate over, or a schedule, got a Map',
  ],
  [
    "an object of values",
    withOptions({ lr: { values: [0.1, 0.2] } }),
    TypeError,
    '"lr" of the options: expected a number, numbers to iterate over, or a schedule, got an object',
  ],
  [
    "an array-like",
    withOptions({ weightDecay: { length: 1, 0: 0.1 } }),
    TypeError,
    '"weightDecay" of the options: expected a number, numbers to iterate over, or a schedule, got an object',
  ],
  [
    "bytes that are no numbers yet",
    withOptions({ lr: new ArrayBuffer(8) }),
    TypeError,
    '"lr" of the options: expected a number, numbers to iterate over, or a schedule, got a ArrayBuffer',
  ],
  [
    "an iterable that is awaited",
    withOptions({ lr: { [Symbol.asyncIterator]: () => ({}) } }),
    TypeError,
    '"lr" of the options: expected a number, numbers to iterate over, or a schedule, got an object',
  ],
  [
    "a group's weight decay that is a string of digits",
    withGroup({ weightDecay: "12" }),
    TypeError,
    '"weightDecay" of group 0: expected a number, numbers to iterate over, or a schedule, got "12"',
  ],
  ["an iterable that fails", withOptions({ lr: fails() }), RangeError, "no more data"],
  [
    "DecoupledAdamW: a vector with a string",
    () => new DecoupledAdamW(w(), { lr: [0.1, "0.1"] as Wrong }),
    TypeError,
    '"lr[1]" of the options: expected a finite number >= 0, got "0.1"',
  ],
];

/** Assignments to a group between steps. */
const CALLS: RefusedCall[] = [
  [
    "a vector with NaN is assigned to lr",
    (o) => {
      o.groups[0].lr = [0.1, Number.NaN];
    },
    RangeError,
    '"lr[1]" of the options: expected a finite number >= 0, got NaN',
  ],
  [
    "a string is assigned to lr",
    (o) => {
      o.groups[0].lr = "0.1" as Wrong;
    },
    TypeError,
    '"lr" of the options: expected a number, numbers to iterate over, or a schedule, got "0.1"',
  ],
  [
    "a vector with a negative value is assigned to weightDecay",
    (o) => {
      o.groups[0].weightDecay = Float64Array.of(0, 0.1, -1);
    },
    RangeError,
    '"weightDecay[2]" of the options: expected a finite number >= 0, got -1',
  ],
  [
    "a Map is assigned to weightDecay",
    (o) => {
      o.groups[0].weightDecay = new Map() as Wrong;
    },
    TypeError,
    '"weightDecay" of the options: expected a number, numbers to iterate over, or a schedule, got a Map',
  ],
];

test("each row is its own case", () => assertOwnCases([...ROWS, ...CALLS]));

for (const [why, act, kind, message] of ROWS) {
  test(`refused: ${why}`, () => assertNothingAllocated(act, kind, message));
}

for (const [why, act, kind, message] of CALLS) {
  test(`refused, and nothing changed: ${why}`, () => assertNothingChanged(act, kind, message));
}

test("what is assigned and refused leaves the rates as they were", () => {
  const optimizer = new AdamW(w(), { lr: [0.25, 0.5], weightDecay: 0.125 });
  const [group] = optimizer.groups;
  const { lr } = group;
  assert.throws(() => {
    group.lr = [1, -1];
  });
  assert.throws(() => {
    group.weightDecay = [1, "1"] as Wrong;
  });
  assert.is(group.lr, lr);
  assert.is(group.weightDecay, 0.125);
});

test("a vector without end is refused at 10^7 values, and let go", () => {
  const endless = new Endless();
  assertRefused(
    withGroup({ name: "head", lr: endless }),
    RangeError,
    '"lr" of group "head": expected at most 10000000 values, got more',
  );
  assert.ok(endless.closed);
});

test.run();
