import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  AdamWDL,
  type AdamWOptions,
  DecoupledAdamW,
  MindFormersAdamW,
  type Rate,
} from "../src/index.ts";
import type { Optimizer } from "../src/optimizers/optimizer.ts";
import { type Schedule, vector } from "../src/schedules/index.ts";
import { realistic } from "./reference/patterns.ts";
import { assertRefused, warningsOf } from "./reference/refused.ts";

const test = suite("rates as vectors");

const VALUES = [0.25, 0.5, 0.125];
function* generated() {
  yield* VALUES;
}
/** The same values in everything that can be iterated over. */
const vectors = (): Rate[] => [
  VALUES,
  Float32Array.from(VALUES),
  Float64Array.from(VALUES),
  new Set(VALUES),
  generated(),
  { [Symbol.iterator]: generated },
  new Map(VALUES.entries()).values(),
];

const weights = () => ({ w: realistic(16, 1) });
const gradientsAt = (k: number) => ({ w: realistic(16, k + 2) });
const steps = (optimizer: Optimizer, count: number) =>
  Array.from({ length: count }, () => {
    const { lr } = optimizer.step(gradientsAt(optimizer.steps));
    return Object.values(lr)[0];
  });

/** Every place that takes a rate for lr. */
const PLACES: Record<string, (lr: Rate) => Optimizer> = {
  "AdamW's lr": (lr) => new AdamW(weights(), { lr }),
  "a group's lr of AdamW": (lr) => new AdamW([{ params: weights(), lr }], { lr: 9 }),
  "lr assigned to a group": (lr) => {
    const optimizer = new AdamW(weights());
    optimizer.groups[0].lr = lr;
    return optimizer;
  },
  "DecoupledAdamW's lr": (lr) => new DecoupledAdamW(weights(), { lr, weightDecay: 0 }),
  "a group's lr of DecoupledAdamW": (lr) =>
    new DecoupledAdamW([{ params: weights(), lr, weightDecay: 0 }]),
  "AdamWDL's learningRate": (learningRate) => new AdamWDL({ parameters: weights(), learningRate }),
  "MindFormersAdamW's learningRate": (learningRate) =>
    new MindFormersAdamW(weights(), { learningRate }),
  "a group's lr of MindFormersAdamW": (lr) => new MindFormersAdamW([{ params: weights(), lr }]),
};

for (const [place, make] of Object.entries(PLACES)) {
  test(`${place} is a vector from anything finite to iterate over`, () => {
    for (const lr of vectors()) assert.equal(steps(make(lr), 3), VALUES);
  });
}

test("weightDecay takes the same, with the bits of a function of the step", () => {
  const at = (k: number) => VALUES[k];
  const run = (optimizer: Optimizer) => {
    steps(optimizer, 3);
    return optimizer.digest();
  };
  const assigned = (weightDecay: Rate) => {
    const optimizer = new AdamW(weights());
    optimizer.groups[0].weightDecay = weightDecay;
    return optimizer;
  };
  const places: ((weightDecay: Rate) => Optimizer)[] = [
    (weightDecay) => new AdamW(weights(), { weightDecay }),
    (weightDecay) => new AdamW([{ params: weights(), weightDecay }]),
    assigned,
    (weightDecay) => new MindFormersAdamW(weights(), { weightDecay }),
    (weightDecay) => new MindFormersAdamW([{ params: weights(), weightDecay }]),
  ];
  for (const make of places) {
    const expected = run(make(at));
    for (const weightDecay of vectors()) assert.is(run(make(weightDecay)), expected);
  }
  // Its decays are high for a decay that lr does not multiply, which warns.
  const small = VALUES.map((value) => value / 1024);
  const decoupled = (weightDecay: Rate) => run(new DecoupledAdamW(weights(), { weightDecay }));
  assert.is(
    decoupled(small),
    decoupled((k) => small[k]),
  );
});

test("a vector is read whole when it is given", () => {
  const changed = [...VALUES];
  const optimizer = new AdamW(weights(), { lr: changed });
  changed.fill(9);
  changed.length = 1;
  assert.equal(steps(optimizer, 3), VALUES);
});

test("past the end the step is refused by name, nothing changes, and a new rate goes on", () => {
  const optimizer = new AdamW(
    [
      { params: { w: realistic(16, 1) }, name: "head" },
      { params: { v: realistic(16, 2) }, lr: VALUES, name: "body" },
    ],
    { lr: 0.5, weightDecay: [0.1, 0.2, 0.3, 0.4] },
  );
  const gradients = { w: realistic(16, 3), v: realistic(16, 4) };
  for (let k = 0; k < 3; k++) optimizer.step(gradients);
  const before = optimizer.digest();
  const message =
    '"lr" of group "body": expected a value for step 3, got a vector of 3 values, for steps 0 to ' +
    "2. Give a longer vector, or a schedule";
  assertRefused(() => optimizer.step(gradients), RangeError, message);
  assert.is(optimizer.digest(), before);
  assert.is(optimizer.steps, 3);
  optimizer.groups[1].lr = 0.5;
  optimizer.step(gradients);
  assertRefused(
    () => optimizer.step(gradients),
    RangeError,
    '"weightDecay" of the options: expected a value for step 4, got a vector of 4 values, for ' +
      "steps 0 to 3. Give a longer vector, or a schedule",
  );
  assert.is(optimizer.steps, 4);
});

test("element k is for the optimizer's step k, also where it is assigned later", () => {
  const optimizer = new AdamW(weights(), { lr: 0.5 });
  steps(optimizer, 1);
  optimizer.groups[0].lr = VALUES;
  assert.equal(steps(optimizer, 2), [0.5, 0.125]);
});

test("one element: a vector of one step for AdamW, a constant for the originals", () => {
  const message =
    '"lr" of the options: expected a value for step 1, got a vector of 1 value, for step 0. Give a ' +
    "longer vector, or a schedule";
  for (const Class of [AdamW, DecoupledAdamW]) {
    const optimizer = new Class(weights(), { lr: [0.25] });
    assert.equal(steps(optimizer, 1), [0.25]);
    assertRefused(() => steps(optimizer, 1), RangeError, message);
  }
  for (const learningRate of [[0.25], Float32Array.of(0.25), new Set([0.25])]) {
    const lines = warningsOf(() => {
      const optimizer = new AdamWDL({ parameters: weights(), learningRate });
      assert.is(optimizer.groups[0].lr, 0.25);
      assert.equal(steps(optimizer, 3), [0.25, 0.25, 0.25]);
    });
    assert.equal(lines, []);
  }
  const lines = warningsOf(() => {
    const optimizer = new MindFormersAdamW([{ params: weights(), weightDecay: [0.5] }]);
    assert.is(optimizer.groups[0].weightDecay, 0.5);
  });
  assert.equal(lines, [
    'ashlar: "weightDecay" of group 0 has one element and is taken as a constant, 0.5',
  ]);
});

test("DecoupledAdamW decays relative to element 0, whatever initialLr says", () => {
  const decay = 2 ** -12;
  const make = (options: { lr: Rate; initialLr?: number }) =>
    new DecoupledAdamW(weights(), { weightDecay: decay, ...options });
  const falling = [0.5, 0.25, 0.125];
  const optimizer = make({ lr: falling, initialLr: 7 });
  const [group] = optimizer.groups;
  assert.is(group.initialLr, 0.5);
  const same = make({ lr: (k) => falling[k], initialLr: 0.5 });
  steps(optimizer, 3);
  steps(same, 3);
  assert.is(optimizer.digest(), same.digest());
  group.lr = [9, 9, 9, 0.25];
  assert.is(group.initialLr, 0.5, "assigning keeps it");
  const grouped = new DecoupledAdamW([{ params: weights(), lr: Float32Array.from(falling) }]);
  assert.is(grouped.groups[0].initialLr, 0.5);
});

test("what was read is a schedule: data, and good for another group", () => {
  const [{ lr }] = new AdamW(weights(), { lr: VALUES }).groups;
  assert.equal((lr as Schedule).schedule, { name: "vector", options: { values: VALUES } });
  assert.ok(Object.isFrozen((lr as Schedule).schedule.options.values));
  assert.equal(steps(new AdamW(weights(), { lr }), 3), VALUES);
});

const MANY = 1_000_000;
const many = (at = -1) =>
  Float64Array.from({ length: MANY }, (_, k) => (k === at ? 0.5 : 1 / (k + 1)));
const digestOf = (options: AdamWOptions) => new AdamW(weights(), options).configDigest();

test("the config digest depends on every value, and is quick for 10^6 of them", () => {
  // Not by the clock: others may be busy.
  const before = process.cpuUsage();
  const digest = digestOf({ lr: many() });
  const spent = process.cpuUsage(before).user / 1000;
  assert.ok(spent < 2000, `${spent} ms`);
  assert.is(digestOf({ lr: vector({ values: many() }) }), digest);
  for (const at of [0, 12_345, MANY - 1]) assert.is.not(digestOf({ lr: many(at) }), digest);
  assert.is.not(digestOf({ weightDecay: many() }), digest);
  assert.is.not(digestOf({ lr: many().subarray(1) }), digest);
  for (const length of [2, 1000, 1001]) {
    const values = Array.from({ length }, (_, k) => k);
    const short = digestOf({ lr: values });
    assert.is(digestOf({ lr: Float32Array.from(values) }), short);
    assert.is.not(digestOf({ lr: values.with(length - 1, 9999) }), short, `${length} values`);
  }
});

test("many values are a few words in the table and in messages", () => {
  const optimizer = new AdamW([{ params: weights(), lr: many() }], { weightDecay: [0.5] });
  const description = optimizer.describe();
  const text = String(description);
  assert.ok(text.includes("  vector(1000000 values, 1 to 0.000001)  vector(1 value, 0.5)  "), text);
  assert.ok(text.length < 1000);
  const { lr } = description.groups[0];
  const read = (optimizer.groups[0].lr as Schedule).schedule.options.values;
  assert.ok(typeof lr === "object" && lr.options.values === read);
  optimizer.groups[0].lr = many().subarray(0, 1);
  steps(optimizer, 1);
  assert.throws(() => steps(optimizer, 1), /^.{0,200}$/);
});

test.run();
