import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, WeightAverage } from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";

const test = suite("weight average, errors");

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the types forbid
type Wrong = any;

const weights = (seed: number) => ({ a: realistic(3, seed), b: realistic(40, seed) });

const optimizer = new AdamW(weights(1));
const make = (options: Wrong) => () => new WeightAverage(optimizer, options);
const whole = (what: string, got: string) =>
  `"${what}" of WeightAverage: expected a whole number from 1 to 9007199254740991, got ${got}`;
const CONSTRUCTION: RefusedRow[] = [
  [
    "no optimizer",
    () => new WeightAverage({ steps: 0 } as Wrong),
    TypeError,
    `"optimizer" of WeightAverage: expected one of ashlar's optimizers, got an object`,
  ],
  [
    "options of a wrong kind",
    make(3),
    TypeError,
    '"options" of WeightAverage: expected an object of options, got 3',
  ],
  [
    "an original's option name",
    make({ fusedNum: 10 }),
    TypeError,
    '"fusedNum" of WeightAverage: expected one of algorithm, alpha, interleaveSteps, fusedSteps, merge, got an unknown key',
  ],
  [
    "another algorithm",
    make({ algorithm: "swa" }),
    RangeError,
    '"algorithm" of WeightAverage: expected "ema" or "sma", got "swa"',
  ],
  [
    "algorithm null",
    make({ algorithm: null }),
    TypeError,
    '"algorithm" of WeightAverage: expected "ema" or "sma", got null',
  ],
  [
    "alpha 0",
    make({ alpha: 0 }),
    RangeError,
    '"alpha" of WeightAverage: expected a number in (0, 1), got 0',
  ],
  [
    "alpha 1",
    make({ alpha: 1 }),
    RangeError,
    '"alpha" of WeightAverage: expected a number in (0, 1), got 1',
  ],
  [
    "alpha NaN",
    make({ alpha: Number.NaN }),
    RangeError,
    '"alpha" of WeightAverage: expected a number in (0, 1), got NaN',
  ],
  [
    "alpha a string",
    make({ alpha: ".2" }),
    TypeError,
    '"alpha" of WeightAverage: expected a number in (0, 1), got ".2"',
  ],
  [
    "alpha with sma",
    make({ algorithm: "sma", alpha: 0.2 }),
    RangeError,
    '"alpha" of WeightAverage: expected none with algorithm "sma", got 0.2',
  ],
  ["interleaveSteps 0", make({ interleaveSteps: 0 }), RangeError, whole("interleaveSteps", "0")],
  [
    "interleaveSteps 1.5",
    make({ interleaveSteps: 1.5 }),
    RangeError,
    whole("interleaveSteps", "1.5"),
  ],
  ["fusedSteps 0", make({ fusedSteps: 0 }), RangeError, whole("fusedSteps", "0")],
  ["fusedSteps a string", make({ fusedSteps: "10" }), TypeError, whole("fusedSteps", '"10"')],
  [
    "fusedSteps without merges",
    make({ merge: false, fusedSteps: 10 }),
    RangeError,
    '"fusedSteps" of WeightAverage: expected none with merge: false, got 10',
  ],
  [
    "merge a number",
    make({ merge: 0 }),
    TypeError,
    '"merge" of WeightAverage: expected true or false, got 0',
  ],
];

for (const [why, act, kind, message] of CONSTRUCTION) {
  test(`refuses ${why}`, () => assertRefused(act, kind, message));
}

const trained = new AdamW(weights(1));
const target = new WeightAverage(trained, { alpha: 0.3, interleaveSteps: 2, fusedSteps: 4 });
for (let k = 0; k < 5; k++) {
  trained.step(weights(k));
  target.update();
}
const with_ = (change: Wrong) => () => target.restore({ ...target.state(), ...change });
const AT = "the weight average's state";
const RESTORE: RefusedRow[] = [
  [
    "no record",
    () => target.restore(null as Wrong),
    TypeError,
    '"state" of restore: expected an object of options, got null',
  ],
  [
    "an unknown key",
    with_({ merge: true }),
    TypeError,
    `"merge" of ${AT}: expected one of algorithm, alpha, interleaveSteps, fusedSteps, step, samples, weight, average, got an unknown key`,
  ],
  [
    "another algorithm",
    with_({ algorithm: "sma" }),
    RangeError,
    `"algorithm" of ${AT}: expected "ema", got "sma". Options must be the same`,
  ],
  [
    "another alpha",
    with_({ alpha: 0.2 }),
    RangeError,
    `"alpha" of ${AT}: expected 0.3, got 0.2. Options must be the same`,
  ],
  [
    "another interleaveSteps",
    with_({ interleaveSteps: 1 }),
    RangeError,
    `"interleaveSteps" of ${AT}: expected 2, got 1. Options must be the same`,
  ],
  [
    "other merges",
    with_({ fusedSteps: null }),
    RangeError,
    `"fusedSteps" of ${AT}: expected 4, got null. Options must be the same`,
  ],
  [
    "a later step",
    with_({ step: 6 }),
    RangeError,
    `"step" of ${AT}: expected at most the optimizer's, 5, got 6. Load the optimizer's own state first`,
  ],
  [
    "a step of -1",
    with_({ step: -1 }),
    RangeError,
    `"step" of ${AT}: expected a whole number from 0 to 9007199254740991, got -1`,
  ],
  [
    "half a sample",
    with_({ samples: 0.5 }),
    RangeError,
    `"samples" of ${AT}: expected a whole number from 0 to 9007199254740991, got 0.5`,
  ],
  [
    "no weight",
    with_({ weight: undefined }),
    TypeError,
    `"weight" of ${AT}: expected a number from 1 to 2, got undefined`,
  ],
  [
    "too much weight",
    with_({ weight: 2.5 }),
    RangeError,
    `"weight" of ${AT}: expected a number from 1 to 2, got 2.5`,
  ],
  [
    "too little weight",
    with_({ weight: 0.5 }),
    RangeError,
    `"weight" of ${AT}: expected a number from 1 to 2, got 0.5`,
  ],
  [
    "weight without samples",
    with_({ samples: 0, average: null }),
    RangeError,
    `"weight" of ${AT}: expected a number from 0 to 0, got 1.7`,
  ],
  [
    "arrays without samples",
    with_({ samples: 0, weight: 0 }),
    TypeError,
    `"average" of ${AT}: expected null without a sample, got an object`,
  ],
  [
    "no arrays",
    with_({ average: null }),
    TypeError,
    `"average" of ${AT}: expected a record of name to Float32Array, got null`,
  ],
  [
    "an unknown name",
    with_({ average: { ...weights(1), c: new Float32Array(1) } }),
    RangeError,
    `"average" of ${AT}: expected names of parameters, got "c"`,
  ],
  [
    "a missing array",
    with_({ average: { a: new Float32Array(3) } }),
    TypeError,
    `"average" of parameter "b" in ${AT}: expected a Float32Array, got undefined`,
  ],
  [
    "a short array",
    with_({ average: { ...weights(1), b: new Float32Array(39) } }),
    RangeError,
    `"average" of parameter "b" in ${AT}: expected 40 elements, got 39`,
  ],
];

for (const [why, act, kind, message] of RESTORE) {
  test(`restore refuses ${why}, and changes nothing`, () => {
    const before = target.state();
    assertRefused(act, kind, message);
    assert.equal(target.state(), before);
  });
}

test.run();
