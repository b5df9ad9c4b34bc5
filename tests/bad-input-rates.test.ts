import { suite } from "uvu";
import { cosineWithWarmup } from "../src/index.ts";
import {
  assertNothingAllocated,
  assertOwnCases,
  type Wrong,
  withGroup,
  withOptions,
} from "./reference/bad-input.ts";
import type { RefusedRow } from "./reference/refused.ts";

const test = suite("bad input: rates and schedules");

const cosine = (options: Wrong) => () =>
  cosineWithWarmup({ peak: 1, warmupSteps: 1, totalSteps: 2, ...options });

const cyclic: unknown[] = [];
cyclic.push(cyclic);

const ROWS: RefusedRow[] = [
  [
    "lr is a string",
    withOptions({ lr: "0.1" }),
    TypeError,
    '"lr" of the options: expected a number, numbers to iterate over, or a schedule, got "0.1"',
  ],
  [
    "lr is a bigint",
    withOptions({ lr: 1n }),
    TypeError,
    '"lr" of the options: expected a number, numbers to iterate over, or a schedule, got 1n',
  ],
  [
    "lr is negative",
    withOptions({ lr: -0.1 }),
    RangeError,
    '"lr" of the options: expected a finite number >= 0, or a schedule (k) => number, got -0.1',
  ],
  [
    "lr is NaN",
    withOptions({ lr: Number.NaN }),
    RangeError,
    '"lr" of the options: expected a finite number >= 0, or a schedule (k) => number, got NaN',
  ],
  [
    "a group's lr is negative",
    withGroup({ lr: -1 }),
    RangeError,
    '"lr" of group 0: expected a finite number >= 0, or a schedule (k) => number, got -1',
  ],
  [
    "weightDecay is an array with a string",
    withOptions({ weightDecay: [0.1, "0.1"] }),
    TypeError,
    '"weightDecay[1]" of the options: expected a finite number >= 0, got "0.1"',
  ],
  [
    "weightDecay is infinite",
    withOptions({ weightDecay: Number.POSITIVE_INFINITY }),
    RangeError,
    '"weightDecay" of the options: expected a finite number >= 0, or a schedule (k) => number, got Infinity',
  ],
  [
    "a list of itself",
    withOptions({ lr: cyclic }),
    RangeError,
    '"lr[0]" of the options: expected a finite number >= 0, as a vector has one dimension, got an array of length 1',
  ],
  [
    "an escape code in a class name",
    withOptions({ lr: { constructor: { name: "\u001b[31m" } } }),
    TypeError,
    '"lr" of the options: expected a number, numbers to iterate over, or a schedule, got a \\u001b[31m',
  ],
  // Schedules.
  [
    "cosine without peak",
    cosine({ peak: undefined }),
    TypeError,
    '"peak" of cosineWithWarmup: expected a finite number >= 0, got undefined',
  ],
  [
    "cosine with an unknown key",
    cosine({ warmup: 3 }),
    TypeError,
    '"warmup" of cosineWithWarmup: expected one of peak, warmupSteps, totalSteps, floor, start, cycles, ramp, progress, past, got an unknown key',
  ],
  [
    "cosine that only warms up",
    cosine({ warmupSteps: 2 }),
    RangeError,
    '"warmupSteps" of cosineWithWarmup: expected less than totalSteps, 2, got 2',
  ],
  [
    "cosine with half a step",
    cosine({ totalSteps: 2.5 }),
    RangeError,
    '"totalSteps" of cosineWithWarmup: expected a whole number from 1 to 9007199254740991, got 2.5',
  ],
  [
    "cosine with a floor above the peak",
    cosine({ floor: 2 }),
    RangeError,
    '"floor" of cosineWithWarmup: expected at most the peak, 1, got 2',
  ],
  [
    "a floor of null",
    cosine({ floor: null }),
    TypeError,
    '"floor" of cosineWithWarmup: expected a finite number >= 0, got null',
  ],
];

test("each row is its own case", () => assertOwnCases(ROWS));

for (const [why, act, kind, message] of ROWS) {
  test(`refused: ${why}`, () => assertNothingAllocated(act, kind, message));
}

test.run();
