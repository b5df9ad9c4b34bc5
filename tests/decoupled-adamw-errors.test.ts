import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DecoupledAdamW } from "../src/index.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";

const test = suite("DecoupledAdamW errors");

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the types forbid
type Wrong = any;

const f = (...values: number[]) => Float32Array.from(values);
const withOptions = (options: Wrong) => () => new DecoupledAdamW({ w: f(1) }, options);
const withGroup = (group: Wrong, options?: Wrong) => () =>
  new DecoupledAdamW([{ params: { w: f(1) }, ...group }], options);

const ROWS: RefusedRow[] = [
  [
    "options is null",
    withOptions(null),
    TypeError,
    '"options" of DecoupledAdamW: expected an object of options, got null',
  ],
  [
    "lr is a string",
    withOptions({ lr: "0.1" }),
    TypeError,
    '"lr" of the options: expected a number, numbers to iterate over, or a schedule, got "0.1"',
  ],
  [
    "lr is negative",
    withOptions({ lr: -0.1 }),
    RangeError,
    '"lr" of the options: expected a finite number >= 0, or a schedule (k) => number, got -0.1',
  ],
  [
    "a beta is 1",
    withOptions({ betas: [0.9, 1] }),
    RangeError,
    '"betas[1]" of the options: expected a number in [0, 1), got 1',
  ],
  [
    "eps is 0",
    withOptions({ eps: 0 }),
    RangeError,
    '"eps" of the options: expected at least 5.256970551211238e-38 with betas[1] 0.95, got 0',
  ],
  [
    "weightDecay is negative",
    withOptions({ weightDecay: -1e-5 }),
    RangeError,
    '"weightDecay" of the options: expected a finite number >= 0, or a schedule (k) => number, got -0.00001',
  ],
  [
    "amsgrad is 1",
    withOptions({ amsgrad: 1 }),
    TypeError,
    '"amsgrad" of the options: expected true or false, got 1',
  ],
  [
    "arithmetic of another name",
    withOptions({ arithmetic: "composer" }),
    RangeError,
    '"arithmetic" of the options: expected "intended" or "documented" or "executed", got "composer"',
  ],
  [
    "a function as lr, without initialLr",
    withOptions({ lr: () => 0.1 }),
    TypeError,
    '"initialLr" of the options: expected a number where lr is a function of the caller\'s, got undefined. The weight decay is relative to it',
  ],
  [
    "a group's function as lr, without initialLr",
    withGroup({ name: "head", lr: () => 0.1 }),
    TypeError,
    '"initialLr" of group "head": expected a number where lr is a function of the caller\'s, got undefined. The weight decay is relative to it',
  ],
  [
    "a function for all groups, without initialLr",
    withGroup({}, { lr: () => 0.1 }),
    TypeError,
    '"initialLr" of group 0: expected a number where lr is a function of the caller\'s, got undefined. The weight decay is relative to it',
  ],
  [
    "initialLr is a string",
    withOptions({ initialLr: "0.1" }),
    TypeError,
    '"initialLr" of the options: expected a finite number >= 0, got "0.1"',
  ],
  [
    "initialLr is negative",
    withOptions({ lr: () => 0.1, initialLr: -1 }),
    RangeError,
    '"initialLr" of the options: expected a finite number >= 0, got -1',
  ],
  [
    "initialLr is infinite",
    withOptions({ lr: () => 0.1, initialLr: Number.POSITIVE_INFINITY }),
    RangeError,
    '"initialLr" of the options: expected a finite number >= 0, got Infinity',
  ],
  [
    "a group's initialLr is null",
    withGroup({ initialLr: null }),
    TypeError,
    '"initialLr" of group 0: expected a finite number >= 0, got null',
  ],
  [
    "no record of metrics",
    () => new DecoupledAdamW({ w: f(1) }).preReduceMetrics([1] as Wrong),
    TypeError,
    '"metrics" of preReduceMetrics: expected a record of key to number, got [1]',
  ],
  [
    "a metric that is no number",
    () => new DecoupledAdamW({ w: f(1) }).preReduceMetrics({ "l2_norm/grad/w": "1" } as Wrong),
    TypeError,
    '"l2_norm/grad/w" of metrics of preReduceMetrics: expected a number, got "1"',
  ],
];

for (const [why, act, kind, message] of ROWS) {
  test(`refused: ${why}`, () => assertRefused(act, kind, message));
}

test("refused: options by the names that AdamWDL has for them", () => {
  for (const key of ["learningRate", "weight_decay", "maximize", "beta1"]) {
    const start = `"${key}" of the options: expected one of lr, weightDecay, betas, eps, amsgrad, `;
    assert.throws(
      withOptions({ [key]: 1 }),
      (error: Error) => error instanceof TypeError && error.message.startsWith(start),
      key,
    );
  }
  const start = '"initial_lr" of group 0: expected one of lr, weightDecay, betas, eps, amsgrad, ';
  assert.throws(
    withGroup({ initial_lr: 0.1 }),
    (error: Error) => error instanceof TypeError && error.message.startsWith(start),
  );
});

test.run();
