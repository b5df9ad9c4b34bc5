import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  clipAdaptive,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  staticLossScale,
} from "../src/index.ts";
import type { GroupCase, Operation, OptionsCase, TrainingCase } from "./reference/cases.ts";
import { comparePlain } from "./reference/compare-plain.ts";
import { PlainTraining } from "./reference/plain-training.ts";
import { apply, openOptimizer } from "./reference/training-case.ts";

// The squares of gradients and their sum: what is accepted must not make them overflow.

const test = suite("gradients at the limit");

const MOST = 2 ** 63;
/** The float32 after it. */
const TOO_MUCH = MOST * (1 + 2 ** -23);
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

const OPTIONS: OptionsCase = {
  ...{ maximize: false, clip: null, lossScale: null, lazy: false, zeroGradients: false },
  ...{ gradNorm: true, nonFinite: "throw" },
  precision: { model: "float32", gradients: "float32", master: true },
};
const GROUP: GroupCase = {
  ...{ lr: 1e-3, weightDecay: 0.01, betas: [0.9, 0], eps: 1e-8, amsgrad: true },
  ...{ centralize: false, lrScale: 1, clip: null },
};
const weights = { pattern: "realistic", seed: 7 } as const;
const PARAMETERS = [[9001], [], [40, 3], [1]].map((shape, i) => ({
  ...{ name: `p${i}`, shape, weights, group: 0, decays: true, lrScale: 1, clips: true },
}));

function train(
  operations: readonly Operation[],
  options: Partial<OptionsCase> = {},
  group: Partial<GroupCase> = {},
) {
  const training: TrainingCase = {
    options: { ...OPTIONS, ...options },
    groups: [{ ...GROUP, ...group }],
    parameters: PARAMETERS,
    operations,
  };
  const [optimizer, plain] = [openOptimizer(training), new PlainTraining(training)];
  const reports = operations.map((operation) => {
    const report = apply(optimizer, training, operation);
    assert.equal(report, plain.apply(operation));
    comparePlain(optimizer, plain);
    return report;
  });
  return { optimizer, reports };
}

const stepOf = (...values: number[]): Operation => ({
  do: "step",
  gradients: [{ kind: "dense", filling: { values } }],
});

const finite = (optimizer: AdamW) =>
  optimizer.parameterNames.every((name) =>
    optimizer
      .parameter(name)
      .parts.every((part) =>
        [part.master, part.expAvg, part.expAvgSq, part.maxExpAvgSq].every((plane) =>
          plane?.every(Number.isFinite),
        ),
      ),
  );

for (const [title, clip] of Object.entries({
  "no clip": null,
  "a global norm": clipByGlobalNorm(1),
  "Paddle's global norm": clipByGlobalNorm(1, { formula: "paddle" }),
  "a norm": clipByNorm(1e-3),
  "a value": clipByValue(0.5),
  "an adaptive one": clipAdaptive(0.01),
})) {
  test(`2^63 everywhere is taken, its square and the norm are finite: ${title}`, () => {
    for (const centralize of [false, true]) {
      const { optimizer, reports } = train(
        [stepOf(MOST, -MOST, MOST), stepOf(-MOST), stepOf(0.5, -1)],
        { clip },
        { centralize },
      );
      for (const report of reports) {
        assert.ok(report !== null && report !== "refused" && Number.isFinite(report.gradNorm));
      }
      assert.ok(finite(optimizer));
    }
  });
}

test("the norm of the largest accepted gradients is as exact as any: 2^63 times a root", async () => {
  const optimizer = await AdamW.create({ w: new Float32Array(4 ** 7) }, { gradNorm: true });
  const { gradNorm } = optimizer.step({ w: new Float32Array(4 ** 7).fill(MOST) });
  assert.is(gradNorm, MOST * 2 ** 7);
});

for (const lossScale of [1024, 2 ** 64, 0.5]) {
  test(`with a loss scale of ${lossScale} the limit is that of the divided gradient`, () => {
    // Above 2^128 nothing finite is too large.
    const most = Math.min(MOST * lossScale, LARGEST);
    const { optimizer } = train([stepOf(most, -most), stepOf(1)], { lossScale });
    assert.ok(finite(optimizer));
    if (most === LARGEST) return;
    const { reports } = train([stepOf(1, TOO_MUCH * lossScale)], { lossScale });
    assert.is(reports[0], "refused");
    const made = new AdamW({ w: new Float32Array(2) }, { lossScale: staticLossScale(lossScale) });
    assert.throws(
      () => made.step({ w: Float32Array.of(1, TOO_MUCH * lossScale) }),
      new RegExp(`at most 2\\^63 times the loss scale, ${lossScale}, got`),
    );
  });
}

test('"allow" takes float32\'s largest: squares overflow, the norm does not', () => {
  for (const clip of [null, clipByGlobalNorm(1), clipByNorm(1), clipByValue(1)]) {
    const { reports } = train([stepOf(LARGEST, -LARGEST), stepOf(1)], { nonFinite: "allow", clip });
    for (const report of reports) {
      assert.ok(report !== null && report !== "refused" && Number.isFinite(report.gradNorm));
    }
  }
});

/** Accumulates these, each a micro-batch for all parameters, and steps. */
const sumOf = (average: boolean, ...values: number[]): Operation[] => [
  ...values.map(
    (value): Operation => ({
      do: "accumulate",
      gradients: [{ kind: "dense", filling: { values: [1, value] } }],
      average,
    }),
  ),
  { do: "stepAll", times: 1 },
];

test("a sum of micro-batches is judged as a whole, an average as such", () => {
  const last = (operations: Operation[]) => train(operations).reports.at(-1);
  assert.is(last(sumOf(false, MOST, MOST)), "refused");
  assert.is.not(last(sumOf(true, MOST, MOST)), "refused");
  assert.is(last(sumOf(true, TOO_MUCH, TOO_MUCH)), "refused");
  assert.is.not(last(sumOf(false, TOO_MUCH, -MOST)), "refused");
  assert.is(last(sumOf(true, LARGEST, LARGEST)), "refused");
  const { reports } = train(sumOf(false, LARGEST, LARGEST), { nonFinite: "skip" });
  const report = reports.at(-1);
  assert.ok(report !== null && report !== undefined && report !== "refused");
  assert.equal(report.nonFinite, { parameter: "p0", index: 1, value: Infinity, kind: "infinite" });
});

test("an infinity and its opposite are a NaN; rows that come twice are judged as their sum", () => {
  const optimizer = new AdamW({ w: { shape: [4, 2] } }, { nonFinite: "skip" });
  for (const value of [Infinity, -Infinity]) {
    optimizer.accumulate({ w: { rows: [3], values: Float32Array.of(0, value) } });
  }
  assert.equal(optimizer.step().nonFinite, {
    ...{ parameter: "w", index: 7, value: Number.NaN, kind: "nan" },
  });
  const twice = { rows: [2, 2], values: Float32Array.of(1, MOST, 1, MOST) };
  assert.equal(optimizer.step({ w: twice }).nonFinite, {
    ...{ parameter: "w", index: 5, value: 2 * MOST, kind: "overflow" },
  });
  const once = { rows: [2, 2], values: Float32Array.of(1, MOST, 1, -MOST) };
  assert.ok(optimizer.step({ w: once }).applied);
});

test('"allow" leaves every element but the bad one as if it had been good', () => {
  const make = () =>
    openOptimizer({
      options: { ...OPTIONS, nonFinite: "allow" },
      groups: [GROUP],
      parameters: PARAMETERS,
      operations: [],
    });
  for (const index of [0, 3, 4, 4095, 4096, 8999, 9000]) {
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      const [one, other] = [make(), make()];
      const gradient = new Float32Array(9001).fill(0.25);
      other.step({ p0: gradient });
      gradient[index] = bad;
      one.step({ p0: gradient });
      const [got, expected] = [one, other].map((each) => each.parameter("p0").master.slice());
      assert.ok(Number.isNaN(got[index]), `${bad} at ${index}`);
      got[index] = expected[index];
      assert.equal(new Uint32Array(got.buffer), new Uint32Array(expected.buffer));
    }
  }
});

test.run();
